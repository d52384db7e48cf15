import type { DialectName } from "../../dialect/dialect.ts";
import { RiderError } from "../model/errors.ts";
import { wordsOf } from "../read/recognise.ts";
import { splitStatements } from "../read/statements.ts";
import type { Session } from "./session.ts";

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

/** Runs a query as it is written, or several one after the other; gives what the last one gave. */
export async function runQuery(session: Session, dialect: DialectName, query: string): Promise<QueryResult> {
  const statements = splitStatements(query, dialect);
  if (statements.length === 0)
    throw new RiderError("The query is empty: there is no statement in it. Nothing was run.");
  let result: QueryResult = { rows: [], rowCount: 0 };
  for (const { text } of statements) result = await runOne(session, dialect, text);
  return result;
}

/** First words of statements that leave everything as it is, where nothing in them writes. */
const READS = new Set(["select", "with", "values", "table", "show", "explain", "describe", "desc"]);

const WRITES = new Set([...CHANGES, "replace", "into", "analyze"]);

/** Whether a query can't change anything, as far as its words tell. Where they don't, it is taken to change something. */
export function onlyReads(query: string, dialect: DialectName): boolean {
  return splitStatements(query, dialect).every(({ text }) => {
    const words = wordsOf(text, dialect);
    return READS.has(words[0] ?? "") && !words.some((word) => WRITES.has(word));
  });
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
