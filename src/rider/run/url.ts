import type { Database } from "../../database/database.ts";
import { dialectOfUrl } from "../../database/url.ts";

/** A database object for a URL, by its scheme; only that database's part of the library is loaded. @throws OptionError, which never shows the URL */
export async function openUrl(url: string): Promise<Database> {
  switch (dialectOfUrl(url)) {
    case "postgresql":
      return new (await import("../../database/postgresql.ts")).PostgreSQLDatabase({ url });
    case "mysql":
      return new (await import("../../database/mysql.ts")).MySQLDatabase({ url });
    case "sqlite":
      return new (await import("../../database/sqlite.ts")).SQLiteDatabase({ url });
  }
}
