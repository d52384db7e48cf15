import type { PartialFacts } from "./facts.ts";

/** Statements that never commit by themselves. What is not among them is taken to: rather once too often recorded on its own than lost. */
const HARMLESS = new Set(
  "insert update delete replace select with values table do show describe desc explain use handler savepoint release help signal resignal".split(
    " ",
  ),
);

const DDL = new Set("create alter drop truncate rename grant revoke install uninstall".split(" "));

/** What begins a statement that is refused: what controls a transaction or can't be in one is among these. */
export const mysqlRefused: ReadonlySet<string> = new Set(
  "begin commit xa start rollback set lock flush".split(" "),
);

/**
 * MySQL and MariaDB: most statements that are not DML end the transaction they stand in.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
 * @see https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/
 */
export function mysqlFacts(words: readonly string[]): PartialFacts {
  const [first = "", second = ""] = words;
  const temporary = words.slice(1, 4).includes("temporary") && (first === "create" || first === "drop");
  const transactionControl = controls(words);
  return {
    // A temporary table does not commit, and what it did can't be rolled back either, so it is recorded like DDL.
    ddl: DDL.has(first) || (first === "set" && second === "password"),
    commits: !temporary && (transactionControl || !harmless(words)),
    transactionControl,
    never: locksTables(words) ? LOCKED : undefined,
  };
}

const LOCKED =
  "While tables are locked, Rider can't write down what is done, and the run would end in the middle. Leave it out, and `unlock tables` with it (mysqldump has --skip-add-locks for that): Rider's own lock keeps other runs away.";

function locksTables([first, second, ...rest]: readonly string[]): boolean {
  if (first === "lock") return second === "tables" || second === "table";
  return first === "flush" && (second === "tables" || second === "table") && rest.includes("lock");
}

function harmless(words: readonly string[]): boolean {
  const [first = "", second = ""] = words;
  if (HARMLESS.has(first)) return true;
  switch (first) {
    case "load":
      return second === "data" || second === "xml";
    case "set":
      return second !== "password" && second !== "autocommit" && !words.includes("autocommit");
    case "rollback":
      return words.slice(1, 4).includes("to");
    // Prepares and forgets without running; `execute` and `call` may run anything.
    case "prepare":
    case "deallocate":
      return true;
    default:
      return false;
  }
}

function controls(words: readonly string[]): boolean {
  const [first, second, third] = words;
  switch (first) {
    case "begin":
      return !(second === "not" && third === "atomic");
    case "commit":
    case "xa":
      return true;
    case "start":
      return second === "transaction";
    case "rollback":
      return !words.slice(1, 4).includes("to");
    case "set":
      return words.some((word, i) => word === "autocommit" && words[i + 1] === "=");
    default:
      return false;
  }
}
