import { mysql } from "../dialect/mysql.ts";
import { mariadbDriver } from "../driver/mariadb.ts";
import { mysql2Driver } from "../driver/mysql2.ts";
import { Database } from "./database.ts";
import { direct, type Founder } from "./foundation.ts";
import type { ConnectionOptions } from "./options.ts";

/** A MySQL or MariaDB database, by the npm package `mysql2`, or by `mariadb` where `client` says so. Tested on MariaDB. */
export class MySQLDatabase extends Database {
  override get dialect(): "mysql" {
    return "mysql";
  }

  /**
   * @param options where to connect, and as whom
   * @throws OptionError where an option does not exist or does not fit; nothing is connected yet
   */
  constructor(options: ConnectionOptions, found: Founder = direct) {
    super(found({ dialect: mysql, drivers: [mysql2Driver, mariadbDriver] }, options, new.target.name));
  }
}
