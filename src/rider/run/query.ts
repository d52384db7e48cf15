import { stands } from "../../base/ask.ts";
import type { DialectName } from "../../dialect/dialect.ts";
import { RiderError } from "../model/errors.ts";
import { excerpt } from "../plan/problems.ts";
import { wordsOf } from "../read/recognise.ts";
import { splitStatements } from "../read/statements.ts";
import type { Session } from "./session.ts";
import { isDatabaseError, isLost, words } from "./stopped.ts";

/** What a query gave. */
export interface QueryResult {
  readonly rows: Record<string, unknown>[];
  /** Rows given, or changed where it gives none. */
  readonly rowCount: number;
}

/** First words of statements that give rows. */
const GIVES = new Set(
  "select with values table show explain describe desc pragma call fetch execute check analyze optimize repair".split(
    " ",
  ),
);

/** Words of a statement that begins with `with` and changes rows all the same. */
const CHANGES = new Set(["insert", "update", "delete", "merge"]);

/**
 * Runs a query as it is written, or several one after the other; gives what the last one gave.
 *
 * @throws RiderError where it leaves a transaction open in which something may have been changed: that would end with the connection, unsaid
 */
export async function runQuery(session: Session, dialect: DialectName, query: string): Promise<QueryResult> {
  const statements = splitStatements(query, dialect);
  if (statements.length === 0)
    throw new RiderError("The query is empty: there is no statement in it. Nothing was run.");
  const changed = statements.map(({ text }) => mayChange(text, dialect));
  let result: QueryResult = { rows: [], rowCount: 0 };
  for (const [index, { text }] of statements.entries()) {
    try {
      result = await runOne(session, dialect, text);
    } catch (error) {
      if (!isDatabaseError(error) || isLost(error) || !changed.slice(0, index).includes(true)) throw error;
      throw failedInTheMiddle(error, text, index, statements.length, isOpen(session));
    }
  }
  if (isOpen(session) && changed.includes(true)) {
    throw new RiderError(
      "The query began a transaction and did not end it, so what was changed in it was undone when the connection was closed. " +
        "End the query with `commit`, or leave out what begins the transaction: without one, each statement is kept by itself.",
    );
  }
  return result;
}

function isOpen(session: Session): boolean {
  return session[stands] === "transaction" || session[stands] === "failed";
}

/** The error for one of several statements, where those before it may have changed something: it says whether that stays. */
function failedInTheMiddle(error: Error, text: string, index: number, of: number, open: boolean): RiderError {
  const state = open
    ? "What was changed in the transaction that was open is undone; what was changed before it began stays."
    : "What those before it changed stays; those after it were not run.";
  return new RiderError(
    `Statement ${index + 1} of ${of} of the query failed (\`${excerpt(text)}\`). ${words(error)} ${state}`,
    { cause: error },
  );
}

/** First words of statements that leave everything as it is, where nothing in them writes. */
const READS = new Set(["select", "with", "values", "table", "show", "explain", "describe", "desc"]);

const WRITES = new Set([...CHANGES, "replace", "into", "analyze"]);

/** Whether a query can't change anything, as far as its words tell. Where they don't, it is taken to change something. */
export function onlyReads(query: string, dialect: DialectName): boolean {
  return splitStatements(query, dialect).every(({ text }) => reads(wordsOf(text, dialect)));
}

function reads(words: readonly string[]): boolean {
  return READS.has(words[0] ?? "") && !words.some((word) => WRITES.has(word));
}

/** First words of statements that are about the session or its transaction and leave the data as it is. */
const ABOUT_THE_SESSION = new Set(
  "begin start commit end rollback abort savepoint release set reset use declare fetch close".split(" "),
);

function mayChange(text: string, dialect: DialectName): boolean {
  const words = wordsOf(text, dialect);
  return !reads(words) && !ABOUT_THE_SESSION.has(words[0] ?? "");
}

async function runOne(session: Session, dialect: DialectName, text: string): Promise<QueryResult> {
  if (givesRows(text, dialect)) {
    const rows = await session.select(text);
    return { rows, rowCount: rows.length };
  }
  return { rows: [], rowCount: (await session.sql(text)).rowCount };
}

function givesRows(text: string, dialect: DialectName): boolean {
  if (/\breturning\b/i.test(text)) return true;
  const words = wordsOf(text, dialect);
  const writes = words.some((word) => CHANGES.has(word));
  return GIVES.has(words[0] ?? "") && !(words[0] === "with" && writes);
}
