import { type PartialFacts, STAND_ALONE } from "./facts.ts";

const DDL = new Set(
  "create alter drop truncate comment grant revoke reindex cluster refresh security import reassign".split(
    " ",
  ),
);

/** What begins a statement that is refused: what controls a transaction or can't be in one is among these. */
export const postgresqlRefused: ReadonlySet<string> = new Set(
  "begin commit end abort start prepare rollback vacuum create drop reindex alter cluster discard".split(" "),
);

/**
 * PostgreSQL: all DDL can be rolled back, except what says so in its manual page.
 *
 * @see https://www.postgresql.org/docs/current/sql-commands.html
 */
export function postgresqlFacts(words: readonly string[]): PartialFacts {
  const [first = "", second = "", third = ""] = words;
  const alone = outside(words);
  return {
    ddl: DDL.has(first) || (first === "select" && words.includes("into")),
    transactionControl: controls(words),
    outsideTransaction: alone && `${alone} ${STAND_ALONE}`,
    hint:
      // https://www.postgresql.org/docs/current/sql-altertype.html "the new value cannot be used until after the transaction has been committed"
      first === "alter" && second === "type" && third !== "" && follows(words, "add", "value")
        ? `A value that "alter type … add value" adds can't be used before it is committed. Use it in a migration of a later run, or put the alter type into one of its own. ${STAND_ALONE}`
        : undefined,
  };
}

function controls(words: readonly string[]): boolean {
  const [first, second] = words;
  switch (first) {
    case "begin":
    case "commit":
    case "end":
    case "abort":
      return true;
    case "start":
      return second === "transaction";
    case "prepare":
      return second === "transaction";
    case "rollback":
      return !words.slice(1, 4).includes("to");
    default:
      return false;
  }
}

function outside(words: readonly string[]): string | undefined {
  const [first = "", second = "", third = ""] = words;
  const what = (name: string): string => `PostgreSQL does not run ${name} inside a transaction.`;
  switch (first) {
    case "vacuum":
      return what("vacuum");
    case "create":
      if (second === "database" || second === "tablespace") return what(`create ${second}`);
      if (second === "subscription" && !words.includes("connect") && !words.includes("create_slot")) {
        return what("create subscription (which makes a replication slot)");
      }
      return indexConcurrently(words, second === "unique" ? 3 : 2)
        ? what("create index concurrently")
        : undefined;
    case "drop":
      if (second === "database" || second === "tablespace") return what(`drop ${second}`);
      return second === "index" && third === "concurrently" ? what("drop index concurrently") : undefined;
    case "reindex":
      if (words.slice(1, 8).includes("concurrently")) return what("reindex concurrently");
      return words.slice(1, 8).some((word) => word === "database" || word === "system" || word === "schema")
        ? what("reindex of a whole schema or database")
        : undefined;
    case "alter":
      if (second === "system") return what("alter system");
      if (second === "database" && follows(words, "set", "tablespace"))
        return what("alter database … set tablespace");
      if (second === "table" && words.includes("detach") && words.at(-1) === "concurrently") {
        return what("alter table … detach partition … concurrently");
      }
      return undefined;
    case "cluster":
      return words.length === 1 || (words.length === 2 && second === "verbose")
        ? what("cluster of all tables")
        : undefined;
    case "discard":
      return second === "all" ? what("discard all") : undefined;
    default:
      return undefined;
  }
}

function indexConcurrently(words: readonly string[], at: number): boolean {
  return words[at - 1] === "index" && words[at] === "concurrently";
}

function follows(words: readonly string[], one: string, other: string): boolean {
  return words.some((word, i) => word === one && words[i + 1] === other);
}
