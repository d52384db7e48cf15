import { createHash } from "node:crypto";
import type { DialectName } from "../../dialect/dialect.ts";
import { DriftError } from "../model/errors.ts";
import type { Direction } from "../model/migration.ts";
import { recognise, wordsOf } from "../read/recognise.ts";
import { catalogFingerprint } from "./catalog.ts";
import type { RunContext } from "./context.ts";
import type { Call } from "./history.ts";
import { type Done, type Intent, pack, unpack } from "./intent.ts";
import type { Asked, Watch } from "./step-database.ts";

/** First words of statements that only read. */
const READS = new Set(["select", "show", "describe", "desc", "explain", "values", "table"]);

/**
 * Functions that only compute, and words that brackets come after. A query that calls another one may change something (`setval`, a function of
 * the schema's own), and is recorded with what it did.
 */
const HARMLESS = new Set(
  (
    "select from where and or not in as on using values exists any all some over filter within with case when then else union except intersect " +
    "count sum min max avg coalesce nullif ifnull isnull iif if greatest least cast convert lower upper length char_length substr substring trim ltrim rtrim " +
    "replace concat concat_ws left right abs round floor ceil ceiling mod date time now current_date current_timestamp extract strftime date_format " +
    "to_char json_extract jsonb_agg json_agg array_agg string_agg group_concat row_number rank dense_rank database version varchar char numeric decimal"
  ).split(" "),
);

/** Whether a statement can't change anything, as far as its words tell. */
function onlyReads(text: string, dialect: DialectName): boolean {
  const words = wordsOf(text, dialect);
  if (!READS.has(words[0] ?? "")) return false;
  const called = words.filter((_, i) => words[i + 1] === "(");
  return called.every((word) => word === "(" || word === "=" || HARMLESS.has(word)) && words.length < 40;
}

/** What a statement gave is remembered up to this many characters; a longer answer is asked for again. */
const LONGEST_ANSWER = 100_000;

/** Where the function stands. */
export interface FunctionPlace {
  readonly migration: string;
  readonly direction: Direction;
  readonly step: number;
}

/**
 * Remembers what a function step outside a transaction has done, so that it can be run again from its beginning after a kill
 * without doing anything twice: a statement that is done is not sent again but answered with what it gave, and so is a query that came
 * before it, since it would now see what was done later. That asks of the function to send the same statements in the same order, which it is held to.
 */
export class FunctionJournal implements Watch {
  readonly #context: RunContext;
  readonly #place: FunctionPlace;
  readonly #key: string;
  readonly #before: Intent;
  /** By the order in which they were asked for; a hole where one is not done, or its answer was too long. */
  readonly #calls: (Done | undefined)[] = [];
  /** What queries gave since the last write. They are written with the next one: until then, asking again gives the same. */
  #unwritten: { readonly index: number; readonly done: Done }[] = [];
  #next = 0;
  /** The statement that was under way when the last run ended. */
  #begun: string | undefined;

  constructor(
    context: RunContext,
    place: FunctionPlace,
    key: string,
    before: Intent,
    calls: readonly Call[],
  ) {
    this.#context = context;
    this.#place = place;
    this.#key = key;
    this.#before = before;
    this.#begun = before.hash;
    for (const { statement, detail } of calls)
      if (detail !== null) this.#calls[statement] = unpack<Done>(detail);
  }

  /** Whether nothing was done that would have to be remembered. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  perform<Value>(asked: Asked, send: () => Promise<Value>): Promise<Value> {
    return this.#once(this.#next++, asked, send);
  }

  async atomic<Value>(run: () => Promise<Value>): Promise<Value> {
    const before = this.#next;
    try {
      return await run();
    } catch (error) {
      // The block's statements are undone, and so is what was written of them.
      this.#calls.length = Math.min(this.#calls.length, before);
      this.#unwritten = this.#unwritten.filter(({ index }) => index < before);
      this.#next = before;
      throw error;
    }
  }

  async #once<Value>(index: number, asked: Asked, send: () => Promise<Value>): Promise<Value> {
    const hash = hashOf(asked);
    const done = this.#calls[index];
    if (done) return remembered(index, done, asked, hash) as Value;
    const { guard, dialect, ledger } = this.#context;
    if (onlyReads(asked.text, dialect)) {
      const gave = await send();
      this.#unwritten.push({ index, done: { hash, gave } });
      return gave;
    }
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
    await this.#write();
    await ledger.renote(this.#key, "intended", pack({ hash, catalog }));
    const run = async (): Promise<Value> => {
      const gave = await send();
      await this.#remember(index, { hash, gave });
      return gave;
    };
    // What may be no DDL at all (`call`, `execute`) shares a transaction with its record, for as long as it does not end it.
    return dialect === "mysql" && !facts.ddl ? guard.work.atomic(run) : run();
  }

  async #remember(index: number, done: Done): Promise<void> {
    this.#unwritten.push({ index, done });
    this.#calls[index] = done;
    await this.#write();
  }

  async #write(): Promise<void> {
    const lines = this.#unwritten.splice(0).map(({ index, done }) => ({
      ...this.#place,
      statement: index,
      detail: pack(done),
    }));
    await this.#context.ledger.noteCalls(lines.filter(({ detail }) => detail.length <= LONGEST_ANSWER));
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
