import { connect as openSocket, type Socket } from "node:net";
import { Chain, type Link } from "../base/chain.ts";
import { AbortError, ConnectionLostError } from "../base/error.ts";
import { afterTurn, nextTick } from "../base/turn.ts";
import { mysql } from "../dialect/mysql.ts";
import type { Asker, Connection, Driver, Reset, Result, Standing, Statement, Target } from "./driver.ts";
import { connectFailure, connectTimedOut, endpoint, lostConnection, passwordOf } from "./endpoint.ts";
import { DatabaseError } from "./errors.ts";
import { loadClient } from "./load.ts";
import type {
  MariadbAnswer,
  MariadbClient,
  MariadbColumn,
  MariadbError,
  MariadbModule,
  MariadbPrepared,
} from "./mariadb-client.ts";
import { HeldStatements, PREPARED } from "./mariadb-prepared.ts";
import { asked, bindable, makerOf, namesOf, optionsOf, widenedId } from "./mariadb-values.ts";
import { endSession, type Messenger } from "./mysql-endings.ts";
import {
  AUTOCOMMIT,
  codesOf,
  IN_TRANSACTION,
  mysqlFailure,
  serverSpoke,
  staysInSession,
} from "./mysql-shared.ts";

/** `COM_QUIT`, as it goes over the wire: https://mariadb.com/kb/en/com_quit/ */
const QUIT = Buffer.from([1, 0, 0, 0, 1]);
/** `ER_UNKNOWN_STMT_HANDLER`: https://mariadb.com/kb/en/mariadb-error-code-reference/ */
const UNKNOWN_STATEMENT = 1243;

/** MySQL and MariaDB by the npm package `mariadb`. */
export const mariadbDriver: Driver = {
  client: "mariadb",
  dialect: mysql,
  pipelines: true,
  async connect(target, signal) {
    const began = performance.now();
    const module = loadClient<MariadbModule>("mariadb", mysql.title);
    const password = await passwordOf(mysql, target, signal);
    const left = Math.max(1, target.connectTimeout - (performance.now() - began));
    return open(module, target, password, left, signal);
  },
};

/** The client's options. The socket is made here, so that its end can be seen. */
function settings(target: Target, password: string | undefined, socket: Socket): Record<string, unknown> {
  const { host, port, user, database, applicationName } = target;
  return {
    host,
    port,
    user,
    password,
    database,
    ssl:
      target.ssl === true ? true : target.ssl === false || target.ssl === "prefer" ? undefined : target.ssl,
    ...(applicationName === undefined ? {} : { connectAttributes: { program_name: applicationName } }),
    // This file has a limit of its own, which also covers the handshake.
    connectTimeout: 0,
    checkDuplicate: false,
    ...target.driver,
    stream: () => socket,
    bigIntAsNumber: false,
    insertIdAsNumber: false,
    decimalAsNumber: false,
    rowsAsArray: true,
    metaAsArray: false,
  };
}

function socketTo({ host, port, socketPath }: Target): Socket {
  const socket =
    socketPath === undefined ? openSocket({ host, port, keepAlive: true }) : openSocket(socketPath);
  // The client takes all listeners off a socket that fails, those of this file too, which wait for its end.
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (event) => (event === undefined ? socket : removeAll(event));
  return socket.setNoDelay(true);
}

/** Settles when the socket is closed. */
function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", () => resolve()));
}

async function open(
  module: MariadbModule,
  target: Target,
  password: string | undefined,
  left: number,
  signal: AbortSignal,
): Promise<Connection> {
  if (signal.aborted) throw new AbortError("A connect", { cause: signal.reason });
  const socket = socketTo(target);
  let failure: Error | undefined;
  const giveUp = (error: Error): void => {
    failure ??= error;
    socket.destroy(error);
  };
  const onAbort = (): void => giveUp(new AbortError("A connect", { cause: signal.reason }));
  const timer = setTimeout(() => giveUp(connectTimedOut(mysql, target)), left);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const client = await module.createConnection(settings(target, password, socket));
    if (failure === undefined) return new MariadbConnection(module, client, socket, target);
    await client.end().catch(() => {});
    throw failure;
  } catch (error) {
    // The client has let go of the socket; without a listener its last error would end the process.
    socket.on("error", () => {});
    socket.destroy();
    // Settled only when the socket is closed, so that nothing is left behind on the server.
    await closed(socket);
    if (failure !== undefined) throw failure;
    const reason =
      "the connection was closed before the server was ready. Is it up, and is it MySQL or MariaDB?";
    throw connectFailure(mysql, target, { ...codesOf(error as MariadbError), driverError: error, reason });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Somebody who waits for an answer of the server's. */
interface Waiting extends Link<Waiting> {
  /** Called when the connection is gone. */
  readonly refuse: (error: unknown) => void;
  over: boolean;
}

class MariadbConnection implements Connection {
  readonly raw: MariadbClient;
  readonly #module: MariadbModule;
  readonly #socket: Socket;
  readonly #target: Target;
  /** As the server said it with the last answer that was no error; the client makes one up for errors. */
  #status = AUTOCOMMIT;
  #underWay = 0;
  #dirty = false;
  /** Whether what is written waits for the end of this turn. */
  #corked = false;
  /** Whether the last statement that found nothing under way was by itself until it was answered. */
  #byItself = false;
  readonly #openedAt = performance.now();
  #lostAt: number | undefined;
  /** The server said that it ends the connection by itself. */
  #serverEnds = false;
  /** Those who wait for an answer of the server's. */
  readonly #waiting = new Chain<Waiting>();
  #lost: Error | undefined;
  #closing: Promise<void> | undefined;
  #onLost: ((cause: Error) => void) | undefined;
  readonly #held: HeldStatements;

  constructor(module: MariadbModule, client: MariadbClient, socket: Socket, target: Target) {
    this.#module = module;
    this.raw = client;
    this.#socket = socket;
    this.#target = target;
    const { prepareCacheLength: kept = PREPARED } = target.driver as { readonly prepareCacheLength?: number };
    this.#held = new HeldStatements(client, kept);
    // Without a listener a dying server would end the process.
    client.on("error", (error: Error) => this.#lose(error));
    client.on("end", () => this.#lose(undefined));
    socket.once("close", () => this.#cutOff());
  }

  /**
   * The socket is closed. Where this side closed it, the client does not notice, and would leave everybody waiting who waits;
   * where it does, its own error comes first.
   */
  #cutOff(): void {
    this.#lose(undefined);
    afterTurn(() => {
      for (const { refuse } of this.#waiting) refuse(this.#lostError());
    });
  }

  /**
   * What the client answers, or that its connection is gone. Under way until then, and no more when a failure is looked at. What
   * is made of both is made here, since each promise more is a good part of what a statement costs the program.
   *
   * @param ask asks the client, and tells what it answers
   */
  #answer<T, R>(
    ask: (answered: (value: T) => void, refused: (error: unknown) => void) => void,
    made: (value: T) => R,
    failed: (error: MariadbError) => Error,
    asker: { answered(made: R): void; failed(error: unknown): void },
  ): void {
    this.#underWay++;
    const refuse = (error: unknown): void => {
      if (this.#over(waiting)) asker.failed(failed(error as MariadbError));
    };
    const waiting: Waiting = { refuse, over: false, before: undefined, after: undefined };
    this.#waiting.push(waiting);
    const answered = (value: T): void => {
      if (!this.#over(waiting)) return;
      let whole: R;
      try {
        whole = made(value);
      } catch (error) {
        asker.failed(error);
        return;
      }
      asker.answered(whole);
    };
    try {
      ask(answered, refuse);
    } catch (error) {
      // A value that the client can't write.
      refuse(error);
    }
  }

  /** Takes somebody off the list. `false` where he has been told already: after a cut the client may have something to say, too. */
  #over(waiting: Waiting): boolean {
    if (waiting.over) return false;
    waiting.over = true;
    this.#waiting.remove(waiting);
    this.#underWay--;
    return true;
  }

  #promised<T>(
    ask: (answered: (value: T) => void, refused: (error: unknown) => void) => void,
    failed: (error: MariadbError) => Error,
  ): Promise<T> {
    const made = (value: T): T => value;
    return new Promise((resolve, reject) =>
      this.#answer(ask, made, failed, { answered: resolve, failed: reject }),
    );
  }

  get standing(): Standing {
    const { destroyed, readable, writable } = this.#socket;
    if (this.#lost || this.#closing || destroyed || !readable || !writable || !this.raw.isValid())
      return "lost";
    return this.#status & IN_TRANSACTION ? "transaction" : "idle";
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  query(statement: Statement): Promise<Result> {
    return new Promise((resolve, reject) => this.#query(statement, { answered: resolve, failed: reject }));
  }

  #query(statement: Statement, asker: Asker): void {
    if (this.#lost || this.#closing) {
      asker.failed(this.#lostError());
      return;
    }
    this.#note(statement.text);
    // Values travel apart from the text: no escaping here could be fooled by a server's sql_mode.
    let values: unknown[];
    try {
      values = statement.values.map(bindable);
    } catch (error) {
      asker.failed(error);
      return;
    }
    this.#answer<MariadbAnswer, Result>(
      (answered, refused) => {
        if (values.length > 0) this.#execute(statement, values, answered, refused);
        else this.raw.query(asked(statement)).then(answered, refused);
      },
      (answer) => this.#resultOf(answer, statement),
      (error) => this.#failureOf(error, statement),
      asker,
    );
  }

  #execute(
    statement: Statement,
    values: unknown[],
    answered: (answer: MariadbAnswer) => void,
    refused: (error: unknown) => void,
  ): void {
    const anew = (): void => void this.raw.execute(asked(statement), values).then(answered, refused);
    const held = this.#held.find(statement.text);
    if (held === undefined) {
      anew();
      return;
    }
    held.execute(values, optionsOf(statement), (error, answer) => {
      if (error === null) answered(answer);
      else if (error.errno !== UNKNOWN_STATEMENT) refused(error);
      else {
        // The session was reset by its own means, and knows nothing of what was prepared before. Nothing has been run.
        this.#held.drop(statement.text);
        anew();
      }
    });
  }

  /** The client sends what it is given without waiting for the answers of those before; what one turn gives leaves in one piece. */
  queryAlone(statement: Statement, asker: Asker): void {
    // To wait for others costs a statement a microsecond, and where they come one by one there are none to wait for.
    const byItself = this.#underWay === 0;
    if (!(byItself && this.#byItself) && !this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      nextTick(this.#endOfTurn);
    }
    this.#byItself = byItself;
    this.#query(statement, asker);
  }

  readonly #endOfTurn = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };

  async *stream(statement: Statement, batch: number): AsyncIterableIterator<Record<string, unknown>[]> {
    if (this.#lost || this.#closing) throw this.#lostError();
    this.#note(statement.text);
    const values = statement.values.map(bindable);
    this.#underWay++;
    let make = makerOf([], statement);
    let whole = false;
    const prepared = values.length > 0 ? await this.#prepared(statement) : undefined;
    const stream = prepared ? prepared.executeStream(values) : this.raw.queryStream(asked(statement));
    stream.on("fields", (seen: readonly MariadbColumn[]) => {
      make = makerOf(namesOf(seen), statement);
    });
    const ended = new Promise<void>((resolve) => {
      stream.once("end", resolve);
      stream.once("error", resolve);
      stream.once("close", resolve);
    });
    const refuse = (error: unknown): void => void stream.destroy(error as Error);
    const waiting: Waiting = { refuse, over: false, before: undefined, after: undefined };
    this.#waiting.push(waiting);
    try {
      let rows: Record<string, unknown>[] = [];
      for await (const row of stream) {
        rows.push(make(row as unknown[]));
        if (rows.length < batch) continue;
        yield rows;
        rows = [];
      }
      whole = true;
      if (rows.length > 0) yield rows;
    } catch (error) {
      whole = true;
      throw this.#failureOf(error as MariadbError, statement);
    } finally {
      // What was not read would have to be read before anything else can be asked, so the server is told to stop.
      if (!whole) await this.cancel();
      await ended;
      if (prepared) await prepared.close();
      this.#over(waiting);
    }
  }

  #prepared(statement: Statement) {
    return this.#promised<MariadbPrepared>(
      (answered, refused) => void this.raw.prepare(asked(statement)).then(answered, refused),
      (error) => {
        this.#underWay--;
        return this.#failureOf(error, statement);
      },
    );
  }

  get patience(): number {
    return this.#target.connectTimeout;
  }

  async cancel(): Promise<void> {
    if (this.standing !== "lost") await this.#kill();
  }

  /** https://mariadb.com/kb/en/kill/ */
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
    const socket = socketTo(this.#target);
    const timer = setTimeout(() => socket.destroy(), limit);
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    const gone = closed(socket).then(() => {
      clearTimeout(timer);
      throw failure ?? this.#lostError();
    });
    gone.catch(() => {});
    try {
      const made = this.#module.createConnection(settings(this.#target, password, socket));
      const other = await Promise.race([made, gone]);
      other.on("error", () => {});
      let asking = 0;
      return {
        ask: (sql) => {
          asking++;
          const answer = Promise.race([other.query({ sql }), gone]).finally(() => asking--);
          return answer as Promise<unknown[][]>;
        },
        leave: () => {
          // In the middle of a question there is no goodbye.
          if (asking === 0 && socket.writable) socket.end(QUIT);
          else socket.destroy();
          return closed(socket);
        },
      };
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async ping(): Promise<void> {
    if (this.#lost || this.#closing) throw this.#lostError();
    const failed = (error: MariadbError): Error => this.#failureOf(error, { text: "ping", values: [] });
    await this.#promised<void>((answered, refused) => void this.raw.ping().then(answered, refused), failed);
  }

  reset(level: Reset): boolean | Promise<boolean> {
    if (this.standing === "lost") return false;
    const open = this.standing === "transaction" || (this.#status & AUTOCOMMIT) === 0;
    const all = level === "full" || (level === "transaction" && this.#dirty);
    this.#dirty = false;
    if (all) {
      // Rolls back and clears the whole session; the client then sets its character set again.
      this.#underWay++;
      this.#status = AUTOCOMMIT;
      this.#held.clear();
      this.raw.reset().then(
        () => this.#underWay--,
        (error: Error) => this.#lose(error),
      );
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
    const socket = this.#socket;
    const until = performance.now() + patience;
    // That it broke may not have been told yet.
    if (socket.closed) this.#lostAt ??= performance.now();
    // Of a connection that broke the server may hear later than this side, or never.
    const alone = this.#lostAt === undefined ? this.#underWay > 0 : !this.#serverEnds;
    const ended = alone && patience > 0 && (await this.#endSession(patience));
    if (socket.closed) return;
    const timer = setTimeout(() => socket.destroy(), Math.max(0, until - performance.now()));
    // The server closes the connection in answer; the client's own `end` would not wait for that. What a session has said that
    // has ended may never come.
    if (!ended && socket.writable) socket.write(QUIT);
    else socket.destroy();
    await closed(socket);
    clearTimeout(timer);
  }

  /** The server goes on with the statement until that is done, whether anybody listens or not; so it is told to end both. */
  #endSession(patience: number): Promise<boolean> {
    const { user, database } = this.#target;
    const place = `${endpoint(this.#target)} ${user} ${database}`;
    const session = { id: Number(this.raw.threadId), openedAt: this.#openedAt, lostAt: this.#lostAt };
    return endSession(place, session, (limit) => this.#messenger(limit), patience);
  }

  /** Sends something whose answer nobody waits for; a failure retires the connection. */
  #send(text: string): void {
    this.query({ text, values: [] }).catch((error: Error) => this.#lose(error));
  }

  #note(text: string): void {
    if (!this.#dirty && staysInSession(text)) this.#dirty = true;
  }

  #resultOf(answer: MariadbAnswer, statement: Statement): Result {
    const status = this.raw.info?.status;
    if (!Array.isArray(answer)) {
      const { affectedRows = 0, insertId = 0n } = answer ?? {};
      if (typeof status === "number") this.#status = status;
      return { rows: [], columns: [], rowCount: affectedRows, lastInsertId: widenedId(insertId) };
    }
    const columns = (answer as { meta?: readonly MariadbColumn[] }).meta;
    // Several statements give a list of answers, which has no columns of its own.
    if (columns === undefined) return this.#resultOf(answer.at(-1) as MariadbAnswer, statement);
    const names = namesOf(columns);
    const make = makerOf(names, statement);
    const rows = (answer as unknown[][]).map((row) => make(row));
    return { rows, columns: names, rowCount: rows.length, lastInsertId: null };
  }

  #lose(cause: Error | undefined): void {
    if (this.#lost) return;
    this.#lost = this.#lostError(cause);
    this.#lostAt = performance.now();
    this.#serverEnds = serverSpoke(cause);
    this.#socket.on("error", () => {});
    if (this.#closing) return;
    if (!this.#serverEnds) this.#socket.destroy();
    this.#onLost?.(this.#lost);
  }

  #lostError(cause?: Error): Error {
    return this.#lost ?? lostConnection(mysql, this.#target, cause);
  }

  #failureOf(error: MariadbError, statement: Statement): Error {
    if (error instanceof ConnectionLostError || (error.code === undefined && error.errno === undefined))
      return error;
    const failure = mysqlFailure(error, statement);
    // A deadlock's victim has lost its whole transaction, and the answer carries no status to say so:
    // https://mariadb.com/kb/en/innodb-lock-modes/#deadlocks
    if (failure.kind === "deadlock") this.#status &= ~IN_TRANSACTION;
    // The client calls an interrupted statement fatal although the connection goes on.
    const gone = !this.raw.isValid();
    if (!gone && DatabaseError.keepsConnection(failure)) return failure;
    this.#lose(failure.kind === "readOnly" ? failure : error);
    return gone || failure.kind === "shutdown" || failure.kind === "lost" ? this.#lostError() : failure;
  }
}
