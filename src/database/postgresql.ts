import { postgresql } from "../dialect/postgresql.ts";
import { pgDriver } from "../driver/pg.ts";
import { Database } from "./database.ts";
import { direct, type Founder } from "./foundation.ts";
import type { ConnectionOptions } from "./options.ts";

/** A PostgreSQL database, by the npm package `pg`. */
export class PostgreSQLDatabase extends Database {
  override get dialect(): "postgresql" {
    return "postgresql";
  }

  /**
   * @param options where to connect, and as whom
   * @throws OptionError where an option does not exist or does not fit; nothing is connected yet
   */
  constructor(options: ConnectionOptions, found: Founder = direct) {
    super(found({ dialect: postgresql, drivers: [pgDriver] }, options, new.target.name));
  }
}
