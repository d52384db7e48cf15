import { createHash } from "node:crypto";
import { DriftError } from "../model/errors.ts";
import { recognise, wordsOf } from "../read/recognise.ts";
import { catalogFingerprint } from "./catalog.ts";
import type { RunContext } from "./context.ts";
import { type Done, type Intent, writeIntent } from "./intent.ts";
import type { Asked, Watch } from "./step-database.ts";

/** First words of statements that only read: those are sent each time. */
const READS = new Set(["select", "show", "describe", "desc", "explain", "values", "table", "pragma"]);

/**
 * Remembers what a function step outside a transaction has done, so that it can be run again from its beginning after a kill
 * without doing anything twice: a statement that is done is not sent again but answered with what it gave.
 * That asks of the function to send the same statements in the same order, which it is held to.
 */
export class FunctionJournal implements Watch {
  readonly #context: RunContext;
  readonly #key: string;
  readonly #before: Intent;
  /** By the order in which they were asked for; a hole where one is not done. */
  readonly #calls: (Done | null)[];
  #next = 0;
  /** The statement that was under way when the last run ended. */
  #begun: string | undefined;

  constructor(context: RunContext, key: string, before: Intent) {
    this.#context = context;
    this.#key = key;
    this.#before = before;
    this.#calls = [...(before.calls ?? [])];
    this.#begun = before.hash;
  }

  /** Whether nothing was done that would have to be remembered. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  perform<Value>(asked: Asked, send: () => Promise<Value>): Promise<Value> {
    const { dialect } = this.#context;
    if (READS.has(wordsOf(asked.text, dialect)[0] ?? "")) return send();
    return this.#once(this.#next++, asked, send);
  }

  async atomic<Value>(run: () => Promise<Value>): Promise<Value> {
    const before = this.#next;
    try {
      return await run();
    } catch (error) {
      // The block's statements are undone, and so is what was written of them.
      this.#calls.length = Math.min(this.#calls.length, before);
      this.#next = before;
      throw error;
    }
  }

  async #once<Value>(index: number, asked: Asked, send: () => Promise<Value>): Promise<Value> {
    const hash = hashOf(asked);
    const done = this.#calls[index];
    if (done) return remembered(index, done, asked, hash) as Value;
    const { guard, dialect, ledger } = this.#context;
    const facts = recognise(asked.text, dialect);
    if (dialect === "mysql" ? !facts.commits : facts.outsideTransaction === undefined) {
      return guard.work.atomic(async () => {
        const gave = await send();
        await this.#remember(index, { hash, gave });
        return gave;
      });
    }
    const catalog = await catalogFingerprint(guard.work, dialect, asked.text);
    const begun = this.#begun === hash;
    this.#begun = undefined;
    if (begun && this.#before.catalog !== catalog) {
      // It was under way when the run was killed, and the catalog shows that it took effect.
      const gave = asked.method === "sql" ? { rowCount: 0, lastInsertId: null } : null;
      await this.#remember(index, { hash, gave });
      return gave as Value;
    }
    await ledger.renote(this.#key, "intended", writeIntent({ calls: this.#calls, hash, catalog }));
    const gave = await send();
    await this.#remember(index, { hash, gave });
    return gave;
  }

  async #remember(index: number, done: Done): Promise<void> {
    while (this.#calls.length < index) this.#calls.push(null);
    this.#calls[index] = done;
    await this.#context.ledger.renote(this.#key, "intended", writeIntent({ calls: this.#calls }));
  }
}

/** What a finished statement gave, where it is still the same. */
function remembered(index: number, done: Done, asked: Asked, hash: string): unknown {
  if (done.hash === hash) return done.gave;
  throw new DriftError(
    `A function step that was stopped in the middle sends something else than before: its statement ${index + 1} is finished and was another one. ` +
      `Now it is: ${asked.text.replaceAll(/\s+/g, " ").slice(0, 80)}. Put the function back as it was, so that it can go on, or put the database right by hand and use \`rider mark\`.`,
  );
}

/** Values go into the hash and nowhere else. */
function hashOf({ text, values }: Asked): string {
  const plain = JSON.stringify(values, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  return createHash("sha256").update(`${text}\0${plain}`).digest("hex").slice(0, 32);
}
