import { AbortError } from "../base/error.ts";
import { unwritable } from "../base/json.ts";
import { afterTurn } from "../base/turn.ts";
import { postgresql } from "../dialect/postgresql.ts";
import type { Asker, Connection, Driver, Reset, Result, Standing, Statement, Target } from "./driver.ts";
import { connectFailure, connectTimedOut, lostConnection, TCP_KEEPALIVE } from "./endpoint.ts";
import { DatabaseError } from "./errors.ts";
import { loadClient } from "./load.ts";
import { overhear } from "./overhear.ts";
import { PgAnswers } from "./pg-answers.ts";
import type { PgAnswer, PgClient, PgError, PgModule, PgQuery, PgUtils } from "./pg-client.ts";
import { lookOn } from "./pg-exposure.ts";
import { PgPipeline } from "./pg-pipeline.ts";
import { PgPortal } from "./pg-portal.ts";
import { PgRole } from "./pg-role.ts";
import { lookInto, type PgText } from "./pg-text.ts";
import { ClientParsers, textualParsers, typeParsers } from "./pg-types.ts";

/** PostgreSQL by the npm package `pg`. */
export const pgDriver: Driver = {
  client: "pg",
  dialect: postgresql,
  pipelines: true,
  async connect(target, signal) {
    const pg = loadClient<PgModule>("pg", postgresql.title);
    try {
      return await open(pg, target, target.ssl === "prefer" ? true : target.ssl, signal);
    } catch (error) {
      if (target.ssl !== "prefer" || !/does not support SSL/.test(String((error as Error).cause)))
        throw error;
      return await open(pg, target, false, signal);
    }
  },
};

function open(pg: PgModule, target: Target, ssl: Target["ssl"], signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AbortError("A connect", { cause: signal.reason }));
      return;
    }
    const parsers = new ClientParsers(pg);
    const client = new pg.Client({
      host: target.socketPath === undefined ? target.host : directoryOf(target.socketPath),
      port: target.port,
      user: target.user,
      password: target.password,
      database: target.database,
      ssl: ssl ?? false,
      application_name: target.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: TCP_KEEPALIVE,
      types: parsers,
      ...target.driver,
      pipeline: true,
    });
    const { stream } = client.connection;
    let failure: Error | undefined;
    const giveUp = (error: Error): void => {
      failure ??= error;
      stream.destroy();
    };
    const onAbort = (): void => giveUp(new AbortError("A connect", { cause: signal.reason }));
    const timer = setTimeout(() => giveUp(connectTimedOut(postgresql, target)), target.connectTimeout);
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const connection = new PgConnection(pg, client, target, parsers);
    client.connect((error) => {
      if (error === null && failure === undefined) {
        over();
        connection.opened();
        resolve(connection);
        return;
      }
      const { code } = (error ?? {}) as PgError;
      giveUp(
        connectFailure(postgresql, target, { ...named(code), driverError: error, reason: reasonOf(error) }),
      );
      // Settled only when the socket is closed, so that nothing is left behind on the server.
      const settle = (): void => {
        over();
        reject(failure);
      };
      if (stream.closed || !client.connection.stream.readable) afterTurn(settle);
      else client.connection.once("end", settle);
    });
  });
}

/** `pg` takes a socket's directory and makes its name from the port. */
function directoryOf(socketPath: string): string {
  return socketPath.replace(/\/\.s\.PGSQL\.\d+$/, "");
}

/** Five characters are an SQLSTATE; anything else is a name that Node.js gave. */
function named(code: string | undefined): { sqlState?: string; name?: string } {
  if (code === undefined) return {};
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E") ? { sqlState: code } : { name: code };
}

function reasonOf(error: Error | null): string {
  if (error !== null && /SSL/.test(error.message))
    return "the server does not speak TLS. Set ssl: false (sslmode=disable), or turn TLS on in the server.";
  if (error !== null && /password must be a string/i.test(error.message)) {
    return "the server asks for a password and none was given. Set password, or let the server trust this user.";
  }
  return "the connection was closed before the server was ready. Is it up, and is it PostgreSQL?";
}

/** `I` idle, `T` in a transaction, `E` in a failed one. */
type TransactionStatus = "I" | "T" | "E";

class PgConnection implements Connection {
  readonly raw: PgClient;
  readonly #pg: PgModule;
  readonly #target: Target;
  readonly #parsers: ClientParsers;
  #underWay = 0;
  /** As the server said it with its last answer; clients before 8.21 do not pass it on. */
  #status: TransactionStatus = "I";
  #dirty = false;
  /** Since it was lent, somebody asked for a read-only transaction or session. */
  #askedReadOnly = false;
  readonly #role = new PgRole();
  readonly #utils: PgUtils;
  readonly #pipeline: PgPipeline;
  #lost: Error | undefined;
  #serverEnds = false;
  #closing: Promise<void> | undefined;
  #onLost: ((cause: Error) => void) | undefined;

  constructor(pg: PgModule, client: PgClient, target: Target, parsers: ClientParsers) {
    this.#pg = pg;
    this.raw = client;
    this.#target = target;
    this.#parsers = parsers;
    const submit = this.#sendOursFirst();
    this.#utils = pg.utils ?? loadClient<PgUtils>("pg/lib/utils", postgresql.title);
    this.#pipeline = new PgPipeline(pg, client, {
      utils: this.#utils,
      submit: (alone) => submit.call(client, alone, undefined),
      gone: () => (this.#lost || this.#closing ? this.#lostError() : undefined),
      began: () => {
        this.#underWay++;
      },
      ended: () => {
        this.#underWay--;
      },
      afterReady: (error, then) => this.#afterReady(error, then),
      failureOf: (error, statement) => this.#failureOf(error, statement),
    });
    // Without these listeners a dying backend would end the process.
    client.connection.on("readyForQuery", (message: { readonly status: TransactionStatus }) => {
      this.#status = message.status;
    });
    client.on("error", this.#onError);
    client.on("end", () => this.#lose(undefined));
    this.#role.watch(client.connection);
  }

  readonly #onError = (error: PgError): void => {
    // What the server says unasked is the last it says: it is about to close the connection itself.
    this.#serverEnds = error.severity !== undefined;
    this.#lose(error);
  };

  /** The server has let it in. */
  opened(): void {
    PgAnswers.takeOver(this.raw);
    void this.#pipeline.findDirect();
  }

  get standing(): Standing {
    const { stream } = this.raw.connection;
    if (this.#lost || this.#closing || stream.destroyed || !stream.readable || !stream.writable)
      return "lost";
    switch (this.#status) {
      case "T":
        return "transaction";
      case "E":
        return "failed";
      default:
        return "idle";
    }
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  get standby(): boolean | undefined {
    return this.#role.standby;
  }

  query(statement: Statement): Promise<Result> {
    const { text } = statement;
    const { single } = this.#note(text);
    // By a name only where it can be sent again: outside of any transaction, with nothing sent that may begin one.
    if (single || statement.values.length > 0) {
      const { leads } = this.#pipeline;
      const again = this.#underWay === 0 && this.#status === "I" && !leads;
      if (statement.values.length > 0) return this.#pipeline.send(statement, again ? "named" : "steady");
      return this.#pipeline.send(statement, leads ? "unnamed" : "simple");
    }
    return new Promise((resolve, reject) => {
      if (this.#lost || this.#closing) {
        reject(this.#lostError());
        return;
      }
      this.#underWay++;
      this.raw.query(this.#formed({ text }, statement), undefined, (error, answer) => {
        if (error === null || error === undefined) {
          this.#underWay--;
          resolve(resultOf(answer));
          return;
        }
        this.#afterReady(error, () => {
          this.#underWay--;
          reject(this.#failureOf(error, statement));
        });
      });
    });
  }

  queryAlone(statement: Statement, asker: Asker): void {
    this.#pipeline.run(statement, "named", asker);
  }

  get roundTrip(): number | undefined {
    return this.#pipeline.roundTrip;
  }

  lead(text: string): void {
    this.#note(text);
    this.#pipeline.lead(text);
  }

  dropLead(): boolean {
    return this.#pipeline.dropLead();
  }

  /**
   * What was written in this turn, and what is to be sent in front of the next statement, goes first also where somebody uses
   * the client directly, or sends what is no single statement. It is not waited for then: a `begin` fails only with its
   * connection. Gives the client's own way of sending.
   */
  #sendOursFirst(): PgClient["query"] {
    const { raw } = this;
    const query = raw.query;
    raw.query = (...given: Parameters<PgClient["query"]>) => {
      this.#pipeline.flush();
      for (const text of this.#pipeline.takeLeads()) {
        query.call(raw, { text }, undefined, (error) => {
          if (error !== null && error !== undefined) this.#lose(error);
        });
      }
      return query.apply(raw, given);
    };
    return query;
  }

  /** What the client is told of the form in which rows are to come. */
  #formed(query: PgQuery, { rows, times }: Statement): PgQuery {
    if (rows === undefined && times === undefined) return query;
    return {
      ...query,
      ...(rows === "arrays" ? { rowMode: "array" as const } : {}),
      ...(times === "text" ? { types: textualParsers(this.#pg) } : {}),
    };
  }

  /**
   * An error's answer comes before the one that says how the transaction stands, so it is held back until then;
   * otherwise `standing` would tell how things were before the statement.
   */
  #afterReady(error: PgError, then: () => void): void {
    const wire = this.raw.connection;
    if (error.severity === undefined || this.#lost || wire.stream.destroyed) {
      then();
      return;
    }
    const settle = (): void => {
      wire.off("readyForQuery", settle);
      wire.off("end", settle);
      then();
    };
    wire.once("readyForQuery", settle);
    wire.once("end", settle);
  }

  async *stream(statement: Statement, batch: number): AsyncIterableIterator<Record<string, unknown>[]> {
    if (this.#lost || this.#closing) throw this.#lostError();
    const values = this.#written(statement.values);
    this.#note(statement.text);
    let settled: () => void = () => {};
    const ready = new Promise<void>((resolve) => {
      settled = resolve;
    });
    const pg = this.#pg;
    const { raw } = this;
    const portal = new PgPortal({ ...statement, values }, batch, {
      utils: this.#utils,
      types: statement.times === "text" ? textualParsers(pg) : typeParsers(pg),
      settled,
    });
    raw.connection.once("end", settled);
    this.#underWay++;
    // A portal that stays open over several answers can't share a pipeline; the caller sees to it that nothing else runs.
    raw.pipeline = false;
    try {
      raw.query(portal, undefined);
      while (true) {
        const rows = await portal.next().catch((error: PgError) => {
          throw this.#failureOf(error, statement);
        });
        if (rows.length === 0) return;
        yield rows;
      }
    } finally {
      portal.leave();
      await ready;
      raw.pipeline = true;
      this.#underWay--;
      raw.connection.off("end", settled);
      raw.connection.off("readyForQuery", settled);
    }
  }

  /** Values as they go over the wire. @throws OptionError where one can't, while nothing is under way yet */
  #written(values: readonly unknown[]): readonly unknown[] {
    try {
      return values.map((value) => this.#utils.prepareValue(value));
    } catch (error) {
      throw unwritable(error);
    }
  }

  expose(): () => void {
    const { raw } = this;
    // Counts as a statement under way, since one may be.
    this.#underWay++;
    this.#pipeline.flush();
    raw.pipeline = false;
    this.#parsers.exact = false;
    const leave = lookOn(raw.connection, {
      sent: (text) => this.#note(text),
      // Its holder gets the client's own error, as it came; what follows for the connection and its host follows here.
      refused: (error) => void this.#failureOf(error, { text: "", values: [] }, false),
    });
    // Whoever has the client counts his own listeners alone.
    const listenAgain = overhear(raw, this.#onError);
    return () => {
      listenAgain();
      leave();
      this.#parsers.exact = true;
      raw.pipeline = true;
      this.#underWay--;
    };
  }

  get patience(): number {
    return this.#target.connectTimeout;
  }

  async cancel(): Promise<void> {
    if (this.standing !== "lost") await this.#sendCancel();
  }

  #sendCancel(): Promise<void> {
    const { processID, secretKey, host, port, ssl } = this.raw;
    if (processID === null || secretKey === null) return Promise.resolve();
    return new Promise((resolve) => {
      const wire = new this.#pg.Connection({ ssl });
      const timer = setTimeout(() => wire.stream.destroy(), this.#target.connectTimeout);
      // The server closes the connection once it has delivered the signal; until then the next statement waits.
      wire.on("end", () => {
        clearTimeout(timer);
        resolve();
      });
      wire.on("error", () => wire.stream.destroy());
      const send = (): void => wire.cancel(processID, secretKey);
      wire.on("connect", () => (ssl ? wire.requestSsl() : send()));
      wire.on("sslconnect", send);
      if (host.startsWith("/")) wire.connect(`${host}/.s.PGSQL.${port}`);
      else wire.connect(port, host);
    });
  }

  async ping(): Promise<void> {
    await this.query({ text: "", values: [] });
  }

  reset(level: Reset): boolean | Promise<boolean> {
    const { standing } = this;
    if (standing === "lost") return false;
    const statements: string[] = [];
    this.#pipeline.takeLeads();
    if (standing !== "idle") statements.push("rollback");
    if (level === "full") statements.push("discard all");
    else if (level === "transaction" && this.#dirty) statements.push(CLEAN_UP);
    this.#dirty = false;
    if (level !== "none") this.#askedReadOnly = false;
    // Sent now, in front of whatever the next holder sends; nobody waits for the answers.
    for (const text of statements) {
      this.query({ text, values: [] }).catch((error: Error) => this.#lose(error));
    }
    if (level === "full") this.#forgetPrepared();
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
    const { stream } = this.raw.connection;
    const running = this.#underWay > 0 && !this.#serverEnds;
    if (stream.closed) {
      // The network broke: the server goes on with the statement until it has something to say, so it is told to stop.
      if (running) await this.#sendCancel();
      return;
    }
    const timer = setTimeout(() => stream.destroy(), patience);
    const gone = new Promise<void>((resolve) => {
      this.raw.connection.once("end", resolve);
    });
    if (running) await (this.#lost ? this.#sendCancel() : Promise.race([this.#sendCancel(), gone]));
    this.#pipeline.flush();
    if (!this.#serverEnds) this.raw.end().catch(() => stream.destroy());
    await gone;
    clearTimeout(timer);
  }

  #note(text: string): PgText {
    const seen = lookInto(text);
    if (seen.leavesResidue) this.#dirty = true;
    if (seen.asksReadOnly) this.#askedReadOnly = true;
    if (seen.forgetsAll) this.#forgetPrepared();
    else if (seen.forgets) this.#pipeline.forgetPrepared();
    return seen;
  }

  /** Everything, also what the client has under names that somebody else gave, and would not prepare anew. */
  #forgetPrepared(): void {
    this.#pipeline.forgetPrepared();
    const wire = this.raw.connection as unknown as Record<string, unknown>;
    wire.parsedStatements = {};
    wire.submittedNamedStatements = {};
  }

  #lose(cause: Error | undefined): void {
    if (this.#lost) return;
    this.#lost = this.#lostError(cause);
    if (this.#closing) return;
    // Where the server has spoken, its end is awaited by `close`, so that nobody takes its place while it is still there.
    const heard = cause instanceof DatabaseError || this.#serverEnds;
    if (!heard) this.raw.connection.stream.destroy();
    this.#onLost?.(this.#lost);
  }

  #lostError(cause?: Error): Error {
    return this.#lost ?? lostConnection(postgresql, this.#target, cause);
  }

  /** @param ours whether nobody else gets the client's error */
  #failureOf(error: PgError, statement: Statement, ours = true): Error {
    if (error.severity === undefined) {
      if (this.#lost || this.raw.connection.stream.destroyed || !this.raw.connection.stream.readable)
        return this.#lostError(error);
      // Nothing was sent: the driver could not make a message of it.
      return new DatabaseError({ ...base(error, statement), name: error.code ?? "PG_CLIENT" });
    }
    const failure = new DatabaseError({
      ...base(error, statement),
      sqlState: error.code,
      constraint: error.constraint,
      table: error.table,
      column: error.column,
      position: error.position === undefined ? undefined : Number(error.position),
      driverError: ours ? error : undefined,
      readOnlyByChoice: this.#askedReadOnly || this.#role.readOnlyByChoice,
    });
    if (DatabaseError.keepsConnection(failure)) return failure;
    this.#lose(failure);
    return failure.kind === "shutdown" || failure.kind === "lost" ? this.#lostError() : failure;
  }
}

function base(error: PgError, statement: Statement) {
  return { dialect: postgresql, message: error.message, statement, driverError: error };
}

/**
 * All that was seen to be left behind, but not prepared statements, which are kept for the next holder:
 * https://www.postgresql.org/docs/current/sql-discard.html
 */
const CLEAN_UP = [
  "set session authorization default",
  "reset all",
  "close all",
  "unlisten *",
  "select pg_advisory_unlock_all()",
  "discard temp",
  "discard sequences",
].join("; ");

/** The last result where a string held several statements. */
function resultOf(answer: PgAnswer): Result {
  const result = Array.isArray(answer) ? answer.at(-1) : answer;
  return {
    rows: result?.rows ?? [],
    columns: result?.fields.map((field) => field.name) ?? [],
    rowCount: result?.rowCount ?? 0,
    lastInsertId: null,
  };
}
