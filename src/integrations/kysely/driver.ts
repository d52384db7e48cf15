import type {
  AbortableOperationOptions,
  DatabaseConnection,
  Driver,
  QueryCompiler,
  TransactionSettings,
} from "kysely";
import { createQueryId, IdentifierNode, RawNode } from "kysely";
import { type Database, OptionError } from "../../index.ts";
import type { Beginning } from "../orm/begin.ts";
import { AmbientConnection } from "./connection.ts";
import { borrow } from "./loan.ts";
import { openingHere, watchTransactions } from "./transactions.ts";

/** Kysely's driver over a database object. */
export class AmbientDriver implements Driver {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    watchTransactions();
  }

  async init(): Promise<void> {}

  acquireConnection(options?: AbortableOperationOptions): Promise<DatabaseConnection> {
    const signal = options?.signal;
    const loan = borrow(this.#db, signal).then((lent) => new AmbientConnection(lent));
    if (signal === undefined) return loan;
    // Kysely has answered its caller by then, and would print what comes later; so nothing comes.
    return loan.catch((error: unknown) => {
      if (signal.aborted) return new Promise<never>(() => {});
      throw error;
    });
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await own(connection).release();
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const wanted = beginningOf(settings);
    const opening = openingHere();
    await (opening === undefined ? own(connection).start(wanted) : own(connection).begin(opening, wanted));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).rollBack();
  }

  savepoint(connection: DatabaseConnection, name: string, compile: Compile): Promise<void> {
    return command(connection, "savepoint ", name, compile);
  }

  rollbackToSavepoint(connection: DatabaseConnection, name: string, compile: Compile): Promise<void> {
    return command(connection, "rollback to savepoint ", name, compile);
  }

  releaseSavepoint(connection: DatabaseConnection, name: string, compile: Compile): Promise<void> {
    return command(connection, "release savepoint ", name, compile);
  }

  async destroy(): Promise<void> {
    await this.#db[Symbol.asyncDispose]();
  }
}

type Compile = QueryCompiler["compileQuery"];

async function command(
  connection: DatabaseConnection,
  words: string,
  name: string,
  compile: Compile,
): Promise<void> {
  const node = RawNode.createWithChildren([RawNode.createWithSql(words), IdentifierNode.create(name)]);
  await connection.executeQuery(compile(node, createQueryId()));
}

/** Kysely hands back what `acquireConnection` gave it. */
function own(connection: DatabaseConnection): AmbientConnection {
  return connection as AmbientConnection;
}

function beginningOf({ isolationLevel, accessMode }: TransactionSettings): Beginning {
  if (isolationLevel === "snapshot") {
    throw new OptionError("isolation", 'The isolation level "snapshot" is for Microsoft SQL Server alone.');
  }
  return { isolation: isolationLevel, access: accessMode };
}
