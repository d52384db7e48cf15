/** The databases Rider knows, by the name their database object gives in `dialect`. MariaDB counts as `"mysql"`. */
export type DialectName = "postgresql" | "mysql" | "sqlite";

/**
 * Whether DDL can be rolled back. MySQL and MariaDB commit before and after nearly every DDL statement.
 *
 * @see https://www.postgresql.org/docs/current/mvcc-caveats.html
 * @see https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
 * @see https://www.sqlite.org/lang_transaction.html
 */
export function transactionalDdl(dialect: DialectName): boolean {
  return dialect !== "mysql";
}
