import type { FreshDatabase } from "../../support/database.ts";
import { rows } from "./project.ts";

/** Everything in a database but Rider's own tables: what each table is, and what is in it. */
export async function dump(database: FreshDatabase): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const tables = await rows(database, TABLES[database.dialect]);
  for (const { name } of tables) {
    const table = String(name);
    if (table.startsWith("_rider")) continue;
    const quoted = database.dialect === "mysql" ? `\`${table}\`` : `"${table}"`;
    const data = await rows(database, `select * from ${quoted}`);
    found[table] = data.map((row) => JSON.stringify(row)).sort();
    if (database.dialect === "mysql") {
      const shown = await rows(database, `show create table ${quoted}`);
      found[`${table} is`] = JSON.stringify(shown[0]);
    }
  }
  for (const query of CATALOG[database.dialect])
    found[query] = (await rows(database, query)).map((row) => JSON.stringify(row));
  return found;
}

/** Makes a database empty again. */
export async function empty(database: FreshDatabase): Promise<void> {
  if (database.dialect === "postgresql") {
    await database.exec("drop schema public cascade");
    await database.exec("create schema public");
  } else if (database.dialect === "mysql") {
    for (const { name, type } of await rows(
      database,
      "select table_name as name, table_type as type from information_schema.tables where table_schema = database()",
    )) {
      await database.exec(`drop ${type === "VIEW" ? "view" : "table"} \`${name}\``);
    }
    for (const { name, type } of await rows(
      database,
      "select routine_name as name, routine_type as type from information_schema.routines where routine_schema = database()",
    )) {
      await database.exec(`drop ${type} \`${name}\``);
    }
  } else {
    const { rmSync } = await import("node:fs");
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(database.name + end, { force: true });
  }
}

const TABLES = {
  postgresql:
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') order by 1",
  mysql:
    "select table_name as name from information_schema.tables where table_schema = database() order by 1",
  sqlite: "select name from sqlite_schema where type in ('table', 'view') order by 1",
};

const CATALOG = {
  postgresql: [
    "select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = 'public' and table_name not like '\\_rider%' order by 1, ordinal_position",
    "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename not like '\\_rider%' order by 1",
    "select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where not indisvalid",
    "select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace order by 1",
  ],
  mysql: [
    "select routine_name, routine_definition from information_schema.routines where routine_schema = database() order by 1",
    "select trigger_name, action_statement from information_schema.triggers where trigger_schema = database() order by 1",
  ],
  sqlite: [
    "select type, name, sql from sqlite_schema where tbl_name not like '\\_rider%' escape '\\' order by 1, 2",
  ],
};
