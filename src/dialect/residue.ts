import type { DialectName } from "./dialect.ts";

/**
 * Whether a statement may leave something of itself in the session: a setting, a temporary table, a lock, a prepared
 * statement, a subscription. Rather once too often than once too seldom; a clean-up costs no waiting. What a function
 * does inside the server can't be seen here.
 */
export function leavesResidue(text: string, dialect: DialectName): boolean {
  return PATTERNS[dialect].test(text);
}

/** Words at the start of a statement (also of one behind a `;`), or anywhere in it. */
function pattern(starts: string, anywhere: string): RegExp {
  return new RegExp(
    `(?:^|;)\\s*(?:(?:--[^\\n]*\\n|/\\*[\\s\\S]*?\\*/)\\s*)*(?:${starts})\\b|\\b(?:${anywhere})\\b`,
    "i",
  );
}

const PATTERNS: Record<DialectName, RegExp> = {
  // https://www.postgresql.org/docs/current/sql-discard.html lists what a session can hold.
  postgresql: pattern(
    "set|reset|listen|prepare|declare|load|do|call|discard",
    "temp|temporary|pg_temp|set_config|pg_advisory_lock\\w*|pg_try_advisory_lock\\w*|setseed|nextval|currval|lastval",
  ),
  // https://dev.mysql.com/doc/c-api/8.4/en/mysql-reset-connection.html lists what a session can hold.
  mysql: pattern(
    "set|use|lock|prepare|handler|call|flush|xa",
    "temporary|get_lock|into\\s+@\\w+|last_insert_id(?=\\s*\\(\\s*[^)\\s])",
  ),
  // https://www.sqlite.org/pragma.html and https://www.sqlite.org/lang_attach.html
  sqlite: pattern("pragma|attach|detach", "temp|temporary|load_extension"),
};

/** MySQL's user variables are set by `:=` in any statement, outside of strings at least. */
export function setsUserVariable(text: string): boolean {
  return /@\w+\s*:=/.test(text);
}
