import { Recent } from "../base/recent.ts";
import { mysql } from "../dialect/mysql.ts";
import { leavesResidue, setsUserVariable } from "../dialect/residue.ts";
import type { Statement } from "./driver.ts";
import { DatabaseError } from "./errors.ts";

/*
 * What the two clients for MySQL and MariaDB have in common: how the server speaks to either.
 */

/** Bits of the server's status: https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html */
export const IN_TRANSACTION = 1;
export const AUTOCOMMIT = 2;

/** The client `mariadb` numbers its own errors from here on; those are no server's. */
const CLIENT_ERRORS = 45_000;

/** An error of either client's, with what the server said where it was the server's. */
export interface MysqlFailure extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlState?: string | null;
  readonly sqlMessage?: string;
}

/** What an error is classified by. */
export function codesOf({ errno, sqlState, code }: MysqlFailure): {
  errno?: number;
  sqlState?: string;
  name?: string;
} {
  return {
    ...(typeof errno === "number" && errno > 0 && errno < CLIENT_ERRORS ? { errno } : {}),
    ...(typeof sqlState === "string" ? { sqlState } : {}),
    ...(code === undefined ? {} : { name: code }),
  };
}

/** A client's error as one of ours. What the server names stands in its message, in the same words on both. */
export function mysqlFailure(error: MysqlFailure, statement: Statement): DatabaseError {
  const message = error.sqlMessage ?? error.message;
  return new DatabaseError({
    dialect: mysql,
    message,
    statement,
    driverError: error,
    ...codesOf(error),
    option: /--([\w-]+)/.exec(message)?.[1],
    constraint: /for key '([^']+)'/.exec(message)?.[1] ?? /CONSTRAINT `([^`]+)`/.exec(message)?.[1],
    column: /(?:column|field) '([^']+)'/i.exec(message)?.[1],
    table: /table '([^']+)'/i.exec(message)?.[1],
  });
}

/** Whether the server has spoken, so that it closes the connection by itself: its end is then awaited, and its place not taken before. */
export function serverSpoke(cause: Error | undefined): boolean {
  if (cause === undefined || cause instanceof DatabaseError) return cause !== undefined;
  // The client `mariadb` puts an SQLSTATE of its own choice on what the network did.
  const { errno, sqlState } = codesOf(cause);
  return errno !== undefined && sqlState !== undefined;
}

const staying = new Recent((text) => leavesResidue(text, "mysql") || setsUserVariable(text));

/** Whether a statement may leave something in the session. */
export function staysInSession(text: string): boolean {
  return staying.of(text);
}
