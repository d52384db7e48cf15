import { type PartialFacts, STAND_ALONE } from "./facts.ts";

const DDL = new Set("create alter drop reindex".split(" "));

/** Pragmas that do nothing, or fail, inside a transaction. https://www.sqlite.org/pragma.html */
const PRAGMAS = new Set("journal_mode synchronous auto_vacuum page_size wal_checkpoint".split(" "));

/** What begins a statement that is refused: what controls a transaction or can't be in one is among these. */
export const sqliteRefused: ReadonlySet<string> = new Set(
  "begin commit end rollback vacuum detach pragma".split(" "),
);

/**
 * SQLite: all DDL can be rolled back; a few statements fail inside a transaction.
 *
 * @see https://www.sqlite.org/lang_transaction.html
 */
export function sqliteFacts(words: readonly string[], statement: string): PartialFacts {
  const [first = ""] = words;
  const alone = outside(words);
  return {
    ddl: DDL.has(first),
    transactionControl:
      first === "begin" ||
      first === "commit" ||
      first === "end" ||
      (first === "rollback" && !words.slice(1, 4).includes("to")),
    outsideTransaction: alone && `${alone} ${STAND_ALONE}`,
    hint:
      // https://www.sqlite.org/pragma.html#pragma_foreign_keys "a no-op within a transaction"
      first === "pragma" && words.slice(1, 3).includes("foreign_keys") && /=|\(/.test(statement)
        ? "Inside a transaction SQLite passes over `pragma foreign_keys`. Rider switches foreign keys off around a migration itself, and checks them before it commits."
        : undefined,
  };
}

function outside(words: readonly string[]): string | undefined {
  const [first = ""] = words;
  if (first === "vacuum") return "SQLite does not run vacuum inside a transaction.";
  if (first === "detach") return "SQLite does not detach a database inside a transaction.";
  // `pragma main.journal_mode = wal`: the database's name may stand before the pragma's.
  const pragma = first === "pragma" ? words.slice(1, 3).find((word) => PRAGMAS.has(word)) : undefined;
  if (pragma !== undefined && words.some((word) => word === "=" || word === "(")) {
    return `SQLite does not change ${pragma} inside a transaction.`;
  }
  return undefined;
}
