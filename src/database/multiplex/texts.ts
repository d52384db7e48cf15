import { Recent } from "../../base/recent.ts";
import { type Company, companyOf } from "../../dialect/company.ts";
import type { DialectName } from "../../dialect/dialect.ts";

/**
 * How much one more run counts against all before, where it was shorter and where it was longer. What makes a run longer
 * is often not its own work (a busy machine, this program's own thread), and never makes one shorter.
 */
const SHORTER = 0.3;
const LONGER = 0.05;

/**
 * Milliseconds. A statement that takes longer is a slow one: who is put behind it notices, and another connection is worth its
 * opening.
 */
export const LONG = 10;

/** What is known of a statement by its text. */
export class Known {
  readonly company: Company;
  /** Milliseconds that the server takes for it, by the runs so far; `undefined` before the first is over. */
  time: number | undefined;

  constructor(company: Company) {
    this.company = company;
  }

  get slow(): boolean {
    return this.time !== undefined && this.time > LONG;
  }

  /**
   * Counts a run that took the server so many milliseconds.
   *
   * @param atMost whether it may have taken less, so that it says nothing where less is known
   */
  took(ms: number, atMost = false): void {
    if (this.time === undefined) this.time = ms;
    else if (!atMost || ms < this.time) this.time += (ms - this.time) * (ms < this.time ? SHORTER : LONGER);
  }
}

/** What is known of the statements that were seen lately. */
export class Texts {
  readonly #known: Recent<Known>;

  constructor(dialect: DialectName) {
    this.#known = new Recent((text) => new Known(companyOf(text, dialect)));
  }

  of(text: string): Known {
    return this.#known.of(text);
  }
}
