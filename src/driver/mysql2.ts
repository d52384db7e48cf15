import { AbortError, ConnectionLostError } from "../base/error.ts";
import { mysql } from "../dialect/mysql.ts";
import type { Connection, Driver, Reset, Result, Standing, Statement, Target } from "./driver.ts";
import {
  connectFailure,
  connectTimedOut,
  endpoint,
  lostConnection,
  passwordOf,
  TCP_KEEPALIVE,
} from "./endpoint.ts";
import { DatabaseError } from "./errors.ts";
import { loadClient } from "./load.ts";
import { endSession, type Messenger } from "./mysql-endings.ts";
import {
  AUTOCOMMIT,
  codesOf,
  IN_TRANSACTION,
  mysqlFailure,
  serverSpoke,
  staysInSession,
} from "./mysql-shared.ts";
import {
  clientMaker,
  type MysqlAnswer,
  type MysqlClient,
  type MysqlError,
  type MysqlField,
  type MysqlHeader,
  type MysqlModule,
  type MysqlPacket,
  type MysqlStatement,
} from "./mysql2-client.ts";
import { changesUser, errnoOf, isRunning, okStatus, textOf } from "./mysql2-packets.ts";
import { type BoundValue, bindable, widened } from "./mysql2-values.ts";

/** The numbers under which a server says that it takes no writes: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const READ_ONLY = [1290, 1836];

/** MySQL and MariaDB by the npm package `mysql2`. */
export const mysql2Driver: Driver = {
  client: "mysql2",
  dialect: mysql,
  async connect(target, signal) {
    const began = performance.now();
    const module = loadClient<MysqlModule>("mysql2", mysql.title);
    const password = await passwordOf(mysql, target, signal);
    const left = Math.max(1, target.connectTimeout - (performance.now() - began));
    return open(module, target, password, left, signal);
  },
};

function connect(module: MysqlModule, target: Target, password: string | undefined): MysqlClient {
  const make = (target.driver as { readonly [clientMaker]?: () => MysqlClient })[clientMaker];
  return make === undefined ? module.createConnection(settings(target, password)) : make();
}

function settings(target: Target, password: string | undefined): Record<string, unknown> {
  return {
    ...(target.socketPath === undefined
      ? { host: target.host, port: target.port }
      : { socketPath: target.socketPath }),
    user: target.user,
    password,
    database: target.database,
    ssl: target.ssl === true ? {} : target.ssl === false || target.ssl === "prefer" ? undefined : target.ssl,
    ...(target.applicationName === undefined
      ? {}
      : { connectAttributes: { program_name: target.applicationName } }),
    // This file has a limit of its own, which also covers the handshake.
    connectTimeout: 0,
    enableKeepAlive: true,
    keepAliveInitialDelay: TCP_KEEPALIVE,
    charset: "utf8mb4_general_ci",
    ...target.driver,
  };
}

function open(
  module: MysqlModule,
  target: Target,
  password: string | undefined,
  left: number,
  signal: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AbortError("A connect", { cause: signal.reason }));
      return;
    }
    const client = connect(module, target, password);
    let failure: Error | undefined;
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const giveUp = (error: Error): void => {
      if (failure !== undefined) return;
      failure = error;
      over();
      // Settled only when the socket is closed, so that nothing is left behind on the server.
      const settle = (): void => reject(failure);
      if (client.stream.closed) settle();
      else client.stream.once("close", settle);
      client.stream.destroy();
    };
    const onAbort = (): void => giveUp(new AbortError("A connect", { cause: signal.reason }));
    const timer = setTimeout(() => giveUp(connectTimedOut(mysql, target)), left);
    signal.addEventListener("abort", onAbort, { once: true });
    const connection = new Mysql2Connection(module, client, target);
    client.connect((error) => {
      if (failure !== undefined) return;
      if (error === null || error === undefined) {
        over();
        connection.opened();
        resolve(connection);
        return;
      }
      const reason =
        "the connection was closed before the server was ready. Is it up, and is it MySQL or MariaDB?";
      giveUp(connectFailure(mysql, target, { ...codesOf(error), driverError: error, reason }));
    });
  });
}

class Mysql2Connection implements Connection {
  readonly raw: MysqlClient;
  readonly #module: MysqlModule;
  readonly #target: Target;
  #status = AUTOCOMMIT;
  #underWay = 0;
  #dirty = false;
  /** Whether it was made another user's, of which no reset would make it its own again. */
  #foreign = false;
  /** Whether the packet that is being read is the command's last. */
  #failing = false;
  #whenQuiet: (() => void) | undefined;
  /** Whether something is under way, as of the last packet: a client whose connection broke has forgotten. */
  #running = false;
  #openedAt = 0;
  #lostAt: number | undefined;
  /** The server said that it ends the connection by itself. */
  #serverEnds = false;
  readonly #names: string;
  #lost: Error | undefined;
  #closing: Promise<void> | undefined;
  #onLost: ((cause: Error) => void) | undefined;

  constructor(module: MysqlModule, client: MysqlClient, target: Target) {
    this.#module = module;
    this.raw = client;
    this.#target = target;
    // Without a listener a dying server would end the process.
    client.on("error", (error: Error) => this.#lose(error));
    client.stream.once("close", () => this.#lose(undefined));
    this.#names = setNames(module, client.config.charsetNumber);
    this.#watch();
  }

  /**
   * The server says after each result how the transaction stands. That, what is sent, and whether something is under way
   * is read from what goes by, so that it is known also of what was sent through `raw`.
   */
  #watch(): void {
    const { raw } = this;
    const handle = raw.handlePacket;
    raw.handlePacket = (packet) => {
      let failure: Error | undefined;
      if (packet === undefined) this.#begins();
      else failure = this.#reads(packet);
      handle.call(raw, packet);
      this.#failing = false;
      this.#running = isRunning(raw);
      if (failure !== undefined) this.#lose(failure);
      if (this.#whenQuiet !== undefined && !isRunning(raw)) this.#quiet();
    };
  }

  /** The server has let it in. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /** A command is about to be sent. */
  #begins(): void {
    const command = this.raw._command;
    if (!command) return;
    const text = textOf(command);
    if (text !== undefined) this.#note(text);
    else if (changesUser(command)) this.#foreign = true;
  }

  /** Gives the failure where the packet tells of one after which the connection is of no use to anybody. */
  #reads(packet: MysqlPacket): Error | undefined {
    const { raw } = this;
    const ok = okStatus(packet, raw._command);
    if (ok !== undefined) this.#status = ok;
    else if (packet.isEOF()) this.#status = packet.eofStatusFlags();
    const errno = errnoOf(packet);
    if (errno === undefined) return undefined;
    this.#failing = true;
    if (!READ_ONLY.includes(errno)) return undefined;
    const { offset } = packet;
    const error = packet.asError(raw.clientEncoding);
    packet.offset = offset;
    const failure = mysqlFailure(error, { text: textOf(raw._command ?? {}) ?? "", values: [] });
    return failure.kind === "readOnly" ? failure : undefined;
  }

  #quiet(): void {
    this.#whenQuiet?.();
    this.#whenQuiet = undefined;
  }

  get standing(): Standing {
    const { stream } = this.raw;
    if (this.#lost || this.#closing || stream.destroyed || !stream.readable || !stream.writable)
      return "lost";
    return this.#status & IN_TRANSACTION ? "transaction" : "idle";
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  query(statement: Statement): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#lost || this.#closing) {
        reject(this.#lostError());
        return;
      }
      const done = (
        error: MysqlError | null,
        answer: MysqlAnswer,
        fields?: MysqlField[] | MysqlField[][],
      ): void => {
        this.#underWay--;
        if (error) reject(this.#failureOf(error, statement));
        else resolve(this.#resultOf(answer, fields));
      };
      let values: BoundValue[];
      try {
        values = statement.values.map((value) => bindable(value, this.#module));
      } catch (error) {
        reject(error);
        return;
      }
      this.#underWay++;
      // Values travel apart from the text: no escaping here could be fooled by a server's sql_mode.
      if (values.length > 0) this.raw.execute({ ...asked(statement), values }, done);
      else this.raw.query(asked(statement), done);
    });
  }

  async *stream(statement: Statement, batch: number): AsyncIterableIterator<Record<string, unknown>[]> {
    if (this.#lost || this.#closing) throw this.#lostError();
    const values = statement.values.map((value) => bindable(value, this.#module));
    this.#underWay++;
    const command =
      values.length > 0
        ? this.raw.execute({ ...asked(statement), values })
        : this.raw.query(asked(statement));
    let fields: MysqlField[] = [];
    let onGone: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      command.on("end", resolve);
      command.on("error", () => resolve());
      // The client library does not tell a command that gives rows piece by piece when its connection is gone.
      onGone = () => {
        resolve();
        stream.destroy(this.#lostError());
      };
    });
    this.raw.stream.once("close", onGone);
    command.on("fields", (seen: MysqlField[]) => {
      fields = seen ?? [];
    });
    const stream = command.stream({ highWaterMark: batch });
    let whole = false;
    try {
      let rows: Record<string, unknown>[] = [];
      for await (const row of stream) {
        rows.push(widened(row as Record<string, unknown>, fields));
        if (rows.length < batch) continue;
        yield rows;
        rows = [];
      }
      whole = true;
      if (rows.length > 0) yield rows;
    } catch (error) {
      whole = true;
      throw error instanceof ConnectionLostError ? error : this.#failureOf(error as MysqlError, statement);
    } finally {
      // What was not read would have to be read before anything else can be asked, so the server is told to stop.
      if (!whole) await this.cancel();
      await ended;
      this.raw.stream.off("close", onGone);
      this.#underWay--;
    }
  }

  get patience(): number {
    return this.#target.connectTimeout;
  }

  async cancel(): Promise<void> {
    if (this.standing !== "lost") await this.#kill();
  }

  /** https://dev.mysql.com/doc/refman/8.4/en/kill.html */
  async #kill(): Promise<void> {
    const messenger = await this.#messenger(this.#target.connectTimeout).catch(() => undefined);
    // What can't be cancelled runs on; whoever waits for it has a limit of his own.
    await messenger?.ask(`kill query ${this.raw.threadId}`).catch(() => {});
    await messenger?.leave();
  }

  /** A second connection, which counts for nobody and is there for so many milliseconds. */
  async #messenger(limit: number): Promise<Messenger> {
    const never = new AbortController().signal;
    const password = await passwordOf(mysql, this.#target, never);
    const other = connect(this.#module, this.#target, password);
    const { stream } = other;
    const timer = setTimeout(() => stream.destroy(), limit);
    const closed = new Promise<void>((resolve) => {
      stream.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    other.on("error", () => stream.destroy());
    await new Promise<void>((resolve, reject) => {
      other.connect((error) => (error ? reject(error) : resolve()));
      void closed.then(() => reject(this.#lostError()));
    });
    return {
      ask: (sql) =>
        new Promise((resolve, reject) => {
          other.query({ sql, rowsAsArray: true }, (error, answer) => {
            if (error) reject(error);
            else resolve(answer as unknown[][]);
          });
        }),
      leave: () => {
        // In the middle of a question there is no goodbye.
        if (isRunning(other)) stream.destroy();
        else other.end();
        return closed;
      },
    };
  }

  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost || this.#closing) {
        reject(this.#lostError());
        return;
      }
      this.#underWay++;
      this.raw.ping((error) => {
        this.#underWay--;
        if (error) reject(this.#failureOf(error, { text: "ping", values: [] }));
        else resolve();
      });
    });
  }

  reset(level: Reset): boolean | Promise<boolean> {
    // A client whose connection broke may take its last statement for running for ever.
    if (this.standing === "lost" || !isRunning(this.raw, this.#failing)) return this.#clear(level);
    // Statements of its own were awaited; these were sent through `raw`, and may open a transaction yet.
    return new Promise((resolve) => {
      this.#whenQuiet = () => resolve(this.#clear(level));
    });
  }

  #clear(level: Reset): boolean {
    if (this.standing === "lost" || this.#foreign) return false;
    const open = this.standing === "transaction" || (this.#status & AUTOCOMMIT) === 0;
    const all = level === "full" || (level === "transaction" && this.#dirty);
    this.#dirty = false;
    // Clients before 3.22 have no way to clear a session, so it is closed with its connection.
    if (all && this.raw.reset === undefined) return false;
    if (all) {
      // Rolls back and clears the whole session, the character set included:
      // https://dev.mysql.com/doc/c-api/8.4/en/mysql-reset-connection.html
      this.#underWay++;
      this.raw.reset?.((error) => {
        this.#underWay--;
        if (error) this.#lose(error);
      });
      this.#status = AUTOCOMMIT;
      this.#send(this.#names);
    } else if (open) {
      this.#send("rollback");
      if (level !== "none" && (this.#status & AUTOCOMMIT) === 0) this.#send("set autocommit = 1");
    }
    return true;
  }

  close(patience = this.#target.connectTimeout): Promise<void> {
    this.#closing ??= this.#end(patience);
    return this.#closing;
  }

  onLost(lost: (cause: Error) => void): void {
    if (this.#lost) lost(this.#lost);
    else this.#onLost = lost;
  }

  async #end(patience: number): Promise<void> {
    const { stream } = this.raw;
    const until = performance.now() + patience;
    // That it broke may not have been told yet.
    if (stream.closed) this.#lostAt ??= performance.now();
    // Of a connection that broke the server may hear later than this side, or never.
    const alone = (this.#running || this.#lostAt !== undefined) && !this.#serverEnds;
    const ended = alone && patience > 0 && (await this.#endSession(patience));
    if (stream.closed) return;
    const gone = new Promise<void>((resolve) => {
      stream.once("close", () => resolve());
    });
    const timer = setTimeout(() => stream.destroy(), Math.max(0, until - performance.now()));
    // What a session has said that has ended may never come.
    if (ended) stream.destroy();
    else if (this.raw._realEnd === undefined) this.raw.end();
    else this.raw._realEnd();
    // A client that has seen a fatal error sends nothing more, not even its farewell.
    if (this.#lost) stream.end();
    await gone;
    clearTimeout(timer);
  }

  /** The server goes on with the statement until that is done, whether anybody listens or not; so it is told to end both. */
  #endSession(patience: number): Promise<boolean> {
    const { user, database } = this.#target;
    const place = `${endpoint(this.#target)} ${user} ${database}`;
    const session = { id: this.raw.threadId, openedAt: this.#openedAt, lostAt: this.#lostAt };
    return endSession(place, session, (limit) => this.#messenger(limit), patience);
  }

  /** Sends something whose answer nobody waits for; a failure retires the connection. */
  #send(text: string): void {
    this.query({ text, values: [] }).catch((error: Error) => this.#lose(error));
  }

  #note(text: string): void {
    if (!this.#dirty && staysInSession(text)) this.#dirty = true;
  }

  #resultOf(answer: MysqlAnswer, fields: MysqlField[] | MysqlField[][] | undefined): Result {
    if (Array.isArray(answer) && fields !== undefined && fields.length > 0 && isSeveral(fields)) {
      return this.#resultOf(answer.at(-1) as MysqlAnswer, fields.at(-1) as MysqlField[]);
    }
    if (!Array.isArray(answer)) {
      const { affectedRows = 0, changedRows, insertId = 0, serverStatus } = (answer ?? {}) as MysqlHeader;
      if (serverStatus !== undefined) this.#status = serverStatus;
      return {
        rows: [],
        columns: [],
        rowCount: affectedRows,
        changedRows,
        lastInsertId: Number(insertId) === 0 ? null : widenedId(insertId),
      };
    }
    const columns = (fields ?? []) as MysqlField[];
    const rows = (answer as Record<string, unknown>[]).map((row) => widened(row, columns));
    return { rows, columns: columns.map((field) => field.name), rowCount: rows.length, lastInsertId: null };
  }

  #lose(cause: Error | undefined): void {
    if (this.#lost) return;
    this.#lost = this.#lostError(cause);
    this.#lostAt = performance.now();
    this.#serverEnds = serverSpoke(cause);
    this.#quiet();
    if (this.#closing) return;
    // Where the server has spoken, its end is awaited by `close`, so that nobody takes its place while it is still there.
    if (!this.#serverEnds) this.raw.stream.destroy();
    this.#onLost?.(this.#lost);
  }

  #lostError(cause?: Error): Error {
    return this.#lost ?? lostConnection(mysql, this.#target, cause);
  }

  #failureOf(error: MysqlError, statement: Statement): Error {
    const failure = mysqlFailure(error, statement);
    // A deadlock's victim has lost its whole transaction, and the answer carries no status to say so:
    // https://dev.mysql.com/doc/refman/8.4/en/innodb-deadlocks.html
    if (failure.kind === "deadlock") this.#status &= ~IN_TRANSACTION;
    if (error.fatal !== true && DatabaseError.keepsConnection(failure)) return failure;
    this.#lose(failure.kind === "readOnly" ? failure : error);
    return error.fatal || failure.kind === "shutdown" || failure.kind === "lost"
      ? this.#lostError()
      : failure;
  }
}

/** A statement as the client takes it, without its values. What the connection's own options say of these is for who uses `raw`. */
function asked({ text, rows, times }: Statement): MysqlStatement {
  const exact = {
    sql: text,
    supportBigNumbers: true,
    bigNumberStrings: false,
    rowsAsArray: rows === "arrays",
  };
  return rows === undefined && times === undefined ? exact : { ...exact, dateStrings: times === "text" };
}

/** What sets the connection's character set again after a reset. */
function setNames({ Charsets = {} }: MysqlModule, number: number | undefined): string {
  const collation = Object.keys(Charsets).find((name) => Charsets[name] === number && name.includes("_"));
  if (collation === undefined) return "set names utf8mb4";
  const [charset] = collation.toLowerCase().split("_", 1);
  // Those of MySQL 8 have no name on MariaDB, which takes its own for them.
  return `set names ${charset}${collation.includes("_0900_") ? "" : ` collate ${collation.toLowerCase()}`}`;
}

/** Whether `fields` are those of several results, some of which may have none. */
function isSeveral(fields: MysqlField[] | MysqlField[][]): fields is MysqlField[][] {
  return fields.some((field) => field === undefined || Array.isArray(field));
}

function widenedId(id: number | string): number | bigint {
  return typeof id === "string" ? BigInt(id) : id;
}
