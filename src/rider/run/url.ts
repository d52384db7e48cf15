import type { Database } from "../../database/database.ts";
import { MySQLDatabase } from "../../database/mysql.ts";
import { PostgreSQLDatabase } from "../../database/postgresql.ts";
import { SQLiteDatabase } from "../../database/sqlite.ts";
import { dialectOfUrl } from "../../database/url.ts";

const CLASSES = { postgresql: PostgreSQLDatabase, mysql: MySQLDatabase, sqlite: SQLiteDatabase };

/** A database object for a URL, by its scheme. @throws OptionError, which never shows the URL */
export function openUrl(url: string): Database {
  return new CLASSES[dialectOfUrl(url)]({ url });
}
