import { createHash } from "node:crypto";
import type { DialectName } from "../../dialect/dialect.ts";
import { LEXING } from "../read/statements.ts";
import type { Session } from "./session.ts";

/** More names than this are not looked up: a statement with so many is data, not DDL. */
const MOST_NAMES = 300;

/**
 * A fingerprint of what the catalog says about everything a statement names. Where DDL commits before its record can be
 * written, comparing the fingerprint from before with one taken later tells whether the statement has happened: DDL can't change what it
 * does not name. (What has no trace in a catalog, such as `vacuum` or `set global`, may be done twice without harm.)
 */
export async function catalogFingerprint(
  session: Session,
  dialect: DialectName,
  statement: string,
): Promise<string> {
  const names = namesIn(statement, dialect);
  const seen: unknown[] = [];
  if (names.length > 0) await LOOK[dialect](session, names, seen);
  const text = JSON.stringify(seen, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return createHash("sha256").update(text).digest("hex");
}

/** Every word and quoted name of a statement, in lower case, since that is how catalogs are compared here. What can't be a name is left out. */
export function namesIn(statement: string, dialect: DialectName): string[] {
  const { token } = LEXING[dialect];
  const names = new Set<string>();
  for (let at = 0; at < statement.length && names.size < MOST_NAMES; ) {
    const { kind, end } = token(statement, at);
    const text = statement.slice(at, end);
    if (kind === "word") names.add(text.toLowerCase());
    else if (kind === "quoted" && QUOTED_NAME.test(text)) names.add(unquoted(text).toLowerCase());
    at = end;
  }
  return [...names];
}

/**
 * A name in quotes: not a string, not longer than any database allows, and without characters beyond the basic plane, which MySQL's names
 * can't have and its catalog can't be asked for. https://dev.mysql.com/doc/refman/8.4/en/identifiers.html
 */
const QUOTED_NAME = /^["`[][^\0\uD800-\uDFFF]{1,128}["`\]]$/;

function unquoted(text: string): string {
  const quote = text.at(-1) ?? "";
  return text.slice(text.indexOf(text[0] ?? "") + 1, -1).replaceAll(quote + quote, quote);
}

const inList = (names: readonly string[]): string =>
  names.map((name) => `'${name.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(", ");

const LOOK: Readonly<
  Record<DialectName, (session: Session, names: readonly string[], seen: unknown[]) => Promise<void>>
> = {
  mysql: lookMysql,
  postgresql: lookPostgresql,
  sqlite: lookSqlite,
};

/** `show create table` tells everything about a table but its next number, which inserts change too. */
async function lookMysql(session: Session, names: readonly string[], seen: unknown[]): Promise<void> {
  const list = inList(names);
  const here = `(table_schema = database() or lower(table_schema) in (${list}))`;
  const tables = await session.select<{ s: string; t: string }>(
    `select table_schema as s, table_name as t from information_schema.tables
      where ${here} and lower(table_name) in (${list}) order by 1, 2`,
  );
  for (const { s, t } of tables) {
    const quoted = [s, t].map((name) => `\`${name.replaceAll("`", "``")}\``).join(".");
    // A broken view can't be shown; that it is broken says enough.
    const rows = await session.select(`show create table ${quoted}`).catch(() => [{ broken: true }]);
    seen.push(s, t, JSON.stringify(rows).replaceAll(/ AUTO_INCREMENT=\d+/g, ""));
  }
  for (const { words, query } of OTHERS) {
    if (!names.some((name) => words.includes(name))) continue;
    seen.push(await session.select(`${query(list)} order by 1, 2`).catch(() => null));
  }
}

/** What else MySQL's catalog holds, and the words without which no statement changes it. */
const OTHERS: readonly { readonly words: readonly string[]; readonly query: (list: string) => string }[] = [
  {
    words: ["procedure", "function", "package"],
    query: (
      list,
    ) => `select routine_schema, routine_type, routine_name, created, last_altered from information_schema.routines
      where routine_schema = database() and lower(routine_name) in (${list})`,
  },
  {
    words: ["trigger"],
    query: (
      list,
    ) => `select trigger_name, event_object_table, created, md5(action_statement) from information_schema.triggers
      where trigger_schema = database() and lower(trigger_name) in (${list})`,
  },
  {
    words: ["event"],
    query: (list) => `select event_name, created, last_altered from information_schema.events
      where event_schema = database() and lower(event_name) in (${list})`,
  },
  {
    words: ["database", "schema"],
    query: (
      list,
    ) => `select schema_name, default_character_set_name, default_collation_name from information_schema.schemata
      where lower(schema_name) in (${list})`,
  },
  {
    words: ["user", "role", "grant", "revoke"],
    query: (list) => `select grantee, privilege_type from information_schema.user_privileges
      where lower(substring_index(replace(grantee, '''', ''), '@', 1)) in (${list})`,
  },
  {
    // As whoever has made a role sees it.
    words: ["role"],
    query: (list) =>
      `select grantee, role_name from information_schema.applicable_roles where lower(role_name) in (${list})`,
  },
  {
    // For whoever may read the server's own tables.
    words: ["user", "role"],
    query: (list) => `select user, host from mysql.user where lower(user) in (${list})`,
  },
];

async function lookPostgresql(session: Session, names: readonly string[], seen: unknown[]): Promise<void> {
  // Backslashes are plain characters in a standard string.
  const list = names.map((name) => `'${name.replaceAll("'", "''")}'`).join(", ");
  const queries = [
    `select c.oid::text, c.relname, c.relkind::text, i.indisvalid::text, pg_get_indexdef(i.indexrelid) as def
       from pg_class c left join pg_index i on i.indexrelid = c.oid where lower(c.relname) in (${list}) order by 1`,
    `select a.attrelid::text, a.attname, a.atttypid::text, a.attnotnull::text, pg_get_expr(d.adbin, d.adrelid) as def
       from pg_attribute a join pg_class c on c.oid = a.attrelid
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where lower(c.relname) in (${list}) and a.attnum > 0 order by 1, a.attnum`,
    `select n.conname, pg_get_constraintdef(n.oid) as def, n.convalidated::text from pg_constraint n join pg_class c on c.oid = n.conrelid
      where lower(c.relname) in (${list}) order by 1, 2`,
    `select t.typname, e.enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid
      where lower(t.typname) in (${list}) order by 1, e.enumsortorder`,
    `select oid::text, datname from pg_database where lower(datname) in (${list}) order by 1`,
    `select oid::text, spcname from pg_tablespace where lower(spcname) in (${list}) order by 1`,
    `select s.oid::text, s.subname from pg_subscription s where lower(s.subname) in (${list}) order by 1`,
  ];
  for (const query of queries) seen.push(await session.select(query).catch(() => null));
}

async function lookSqlite(session: Session, names: readonly string[], seen: unknown[]): Promise<void> {
  const list = names.map((name) => `'${name.replaceAll("'", "''")}'`).join(", ");
  seen.push(
    await session.select(
      `select type, name, sql from sqlite_schema where lower(name) in (${list}) or lower(tbl_name) in (${list}) order by 1, 2`,
    ),
  );
}
