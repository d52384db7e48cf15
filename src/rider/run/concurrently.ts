import { namesIn } from "./catalog.ts";
import type { Session } from "./session.ts";

const BUILDS = /^\s*create\s+(?:unique\s+)?index\s+concurrently\b/i;

/**
 * The INVALID indexes that a statement names. `create index concurrently` leaves one behind when it fails, and it costs with every write.
 * https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
 */
export async function invalidIndexes(session: Session, sql: string): Promise<string[]> {
  if (!/\bconcurrently\b/i.test(sql)) return [];
  const names = namesIn(sql, "postgresql").map((name) => `'${name.replaceAll("'", "''")}'`);
  const rows = await session.select<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where not i.indisvalid and (lower(c.relname) in (${names.join(", ")}))`,
  );
  return rows.map((row) => row.name);
}

/** Removes what an earlier attempt at the same statement left. Whether there was anything. */
export async function dropInvalidIndexes(session: Session, sql: string): Promise<boolean> {
  if (!BUILDS.test(sql)) return false;
  const names = await invalidIndexes(session, sql);
  for (const name of names) await session.sql(`drop index concurrently if exists ${name}`);
  return names.length > 0;
}

/** For the error. */
export function invalidIndexNote(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const many = names.length > 1;
  return `It left the INVALID ${many ? "indexes" : "index"} ${names.join(", ")} behind, which ${many ? "serve" : "serves"} no query; the next run drops ${many ? "them" : "it"} and builds anew.`;
}
