import type { DialectName } from "./dialect.ts";
import { leavesResidue } from "./residue.ts";

/**
 * What company a statement outside any scope may keep on a connection. `"read"`: others before it and behind it.
 * `"write"`: others before it, and none behind it until it is answered, since it may wait for a lock whose holder may
 * be waiting for one of those. `"apart"`: none at all.
 */
export type Company = "read" | "write" | "apart";

/**
 * Tells it from the text. Rather `"apart"` once too often: that costs a connection for a moment. What a function does
 * inside the server can't be seen here.
 */
export function companyOf(text: string, dialect: DialectName): Company {
  if (!ALONE.test(text) || leavesResidue(text, dialect) || APART.test(text) || SEVERAL.test(text))
    return "apart";
  if (OF_BEFORE[dialect]?.test(text)) return "apart";
  return READS.test(text) && !LOCKS.test(text) ? "read" : "write";
}

const COMMENTS = "^\\s*(?:(?:--[^\\n]*\\n|/\\*[\\s\\S]*?\\*/)\\s*)*";
/** Statements that are over when they are answered. What is not listed (`begin`, `copy`, `vacuum`, `explain`…) is not looked into. */
const ALONE = new RegExp(
  `${COMMENTS}(?:select|values|table|with|insert|update|delete|merge|replace)\\b`,
  "i",
);
const READS = new RegExp(`${COMMENTS}(?:select|values|table|with)\\b`, "i");
/** Anywhere, since `with` may hold a statement that writes and `select` may lock what it reads. */
const LOCKS = /\b(?:insert|update|delete|merge|replace|into|share)\b/i;
/** What waits for others, or ends them. */
const APART =
  /\b(?:\w*advisory\w*|pg_terminate_backend|pg_cancel_backend|get_lock|is_free_lock|release_lock|release_all_locks|sleep|benchmark|found_rows|row_count)\b/i;
/** What tells of the connection's statements before. */
const OF_BEFORE: Partial<Record<DialectName, RegExp>> = {
  // https://www.sqlite.org/lang_corefunc.html#changes
  sqlite: /\b(?:changes|total_changes|last_insert_rowid)\s*\(/i,
  // User variables are the session's: https://dev.mysql.com/doc/refman/8.4/en/user-variables.html
  mysql: /\blast_insert_id\b|\bsql_calc_found_rows\b|(?:^|[^@\w])@(?!@)/i,
};
/** A second statement behind a `;`. One inside a string looks the same from here. */
const SEVERAL = /;\s*\S/;
