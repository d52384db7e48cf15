import type { Lexicon } from "./scan.ts";
import { type Token, tokens } from "./tokens.ts";

/** What a statement does, to what, in few words of its own: `select contacts`. Never a value. */
export interface Summary {
  /** Operations and the tables they are about, in their order: `insert shipping_details select orders`. */
  readonly text: string;
  /** The operation, where there is just one. */
  readonly operation: string | undefined;
  /** The table, where there is just one operation and it is about just one. */
  readonly collection: string | undefined;
}

/** As OpenTelemetry asks: https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query */
const LONGEST = 255;

/** Summarises a statement, by its words alone: it reads what people write, and no grammar in full. */
export function summarize(text: string, lexicon: Lexicon): Summary {
  const reader = new Reader(tokens(text, lexicon));
  reader.read();
  const { operations, targets, parts } = reader;
  let summary = "";
  for (const part of parts) {
    const longer = summary === "" ? part : `${summary} ${part}`;
    if (longer.length > LONGEST) break;
    summary = longer;
  }
  const [operation] = operations;
  const [collection] = targets;
  const one = operations.length === 1;
  return {
    text: summary,
    operation: one ? operation : undefined,
    collection: one && targets.length === 1 ? collection : undefined,
  };
}

/** A pair of parentheses, or the statement as a whole. */
interface Level {
  /** Whether a query was begun at this level, so that a `from` is its own and not a function's. */
  query: boolean;
  /** In a list of tables, where a comma is followed by another. */
  listing: boolean;
}

/** Words before which `update`, `delete` and `insert` are no operations: `on conflict do update`, `for update`, `on delete`. */
const NO_OPERATION_AFTER = new Set(["do", "key", "for", "on", "before", "after", "or", "of"]);
/** Words at which a list of tables is over. */
const ENDS_LIST = new Set([
  "where",
  "group",
  "order",
  "having",
  "limit",
  "window",
  "set",
  "returning",
  "values",
]);
/** Words between an operation and the name it is about. */
const BEFORE_NAME = new Set([
  "into",
  "only",
  "if",
  "not",
  "exists",
  "ignore",
  "low_priority",
  "lateral",
  "or",
  "concurrently",
]);
/** Words between `create` and the kind of thing that is created. */
const BEFORE_KIND = new Set(
  "or replace temp temporary global local unlogged unique materialized virtual recursive fulltext spatial algorithm definer".split(
    " ",
  ),
);
/** Kinds of things whose bodies hold statements of their own, which are not run now. */
const WITH_BODY = new Set(["function", "procedure", "trigger", "event", "package"]);
/** Operations on a thing whose kind is named: `create table`, `drop index`. */
const ON_A_KIND = new Set(["create", "alter", "drop"]);

/** Goes through a statement once. */
class Reader {
  readonly operations: string[] = [];
  readonly targets: string[] = [];
  readonly parts: string[] = [];
  readonly #tokens: readonly Token[];
  #at = 0;
  #levels: Level[] = [{ query: false, listing: false }];

  constructor(all: readonly Token[]) {
    this.#tokens = all;
  }

  read(): void {
    let first = true;
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at] as Token;
      if (first && token.kind === "word") {
        first = false;
        if (!this.#begin(token)) return;
        continue;
      }
      this.#at++;
      if (token.text === ";") {
        first = true;
        this.#levels = [{ query: false, listing: false }];
      } else if (token.text === "(") this.#levels.push({ query: false, listing: false });
      else if (token.text === ")") {
        if (this.#levels.length > 1) this.#levels.pop();
      } else if (token.text === "," && this.#level.listing) this.#target();
      else if (token.kind === "word") this.#word(token);
    }
  }

  get #level(): Level {
    return this.#levels.at(-1) as Level;
  }

  /** The first word of a statement. `false` where nothing after it is to be looked at. */
  #begin(token: Token): boolean {
    const { lower } = token;
    if (["select", "insert", "replace", "update", "delete", "merge", "values"].includes(lower)) {
      this.#at++;
      this.#word(token);
      return true;
    }
    this.#at++;
    if (lower === "with" || lower === "explain") return true;
    if (ON_A_KIND.has(lower)) return this.#onAKind(token);
    this.#operation(token.text);
    if (lower === "call" || lower === "truncate") {
      if (this.#peek() === "table") this.#at++;
      this.#target(true);
    }
    // What a command such as `set` or `grant` is about is not looked for; the next statement is.
    this.#skipStatement();
    return true;
  }

  #onAKind({ text }: Token): boolean {
    while (BEFORE_KIND.has(this.#peek())) this.#at++;
    const kind = this.#tokens[this.#at];
    if (kind?.kind !== "word") {
      this.#operation(text);
      return false;
    }
    this.#at++;
    this.#operation(`${text} ${kind.text}`);
    this.#target(true);
    if (WITH_BODY.has(kind.lower)) return false;
    this.#skipStatement();
    return true;
  }

  #skipStatement(): void {
    while (this.#at < this.#tokens.length && this.#tokens[this.#at]?.text !== ";") this.#at++;
  }

  #word(token: Token): void {
    const level = this.#level;
    const before = this.#tokens[this.#at - 2]?.lower ?? "";
    switch (token.lower) {
      case "select":
        level.query = true;
        level.listing = false;
        this.#operation(token.text);
        return;
      case "insert":
      case "replace":
      case "merge":
      case "update":
        if (NO_OPERATION_AFTER.has(before) || this.#peek() === "(") return;
        level.query = true;
        this.#operation(token.text);
        this.#target();
        return;
      case "delete":
        if (NO_OPERATION_AFTER.has(before)) return;
        level.query = true;
        this.#operation(token.text);
        return;
      case "values":
        if (!level.query) {
          level.query = true;
          this.#operation(token.text);
        }
        level.listing = false;
        return;
      case "from":
        // `extract(year from …)`, `is distinct from`
        if (!level.query || before === "distinct") return;
        level.listing = true;
        this.#target();
        return;
      case "join":
        this.#target();
        return;
      default:
        if (ENDS_LIST.has(token.lower)) level.listing = false;
    }
  }

  #operation(text: string): void {
    this.operations.push(text);
    this.parts.push(text);
  }

  /** The name that comes next, `schema.table` included; none where a query or a function's call comes. */
  #target(called = false): void {
    while (BEFORE_NAME.has(this.#peek())) this.#at++;
    let name = "";
    let at = this.#at;
    for (;;) {
      const token = this.#tokens[at];
      if (token === undefined || token.kind === "sign" || /^[\d$]/.test(token.text)) return;
      name += token.text;
      at++;
      if (this.#tokens[at]?.text !== ".") break;
      name += ".";
      at++;
    }
    // `from generate_series(1, 9)`; after `insert into t` and `create table t` the parenthesis is another matter.
    const isCall = this.#tokens[at]?.text === "(" && this.#level.listing && !called;
    this.#at = at;
    if (isCall) return;
    this.targets.push(name);
    this.parts.push(name);
  }

  #peek(): string {
    const next = this.#tokens[this.#at];
    return next?.kind === "sign" ? next.text : (next?.lower ?? "");
  }
}
