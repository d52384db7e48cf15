import type { Result, Statement } from "./driver.ts";
import { admitAlone, PgAlone } from "./pg-alone.ts";
import type { PgClient, PgError, PgModule, PgUtils } from "./pg-client.ts";
import { type Prepared, PreparedStatements } from "./pg-prepared.ts";
import { textualParsers, typeParsers } from "./pg-types.ts";

/** The connection around a pipeline, as far as the pipeline has to know it. */
export interface PgPipelineHost {
  readonly utils: PgUtils;
  /** Which server and database, as far as clients can tell. */
  readonly server: string;
  /** What to tell of a connection that takes nothing any more. */
  gone(): Error | undefined;
  /** A statement is under way. */
  began(): void;
  /** It has been answered. */
  ended(): void;
  /** Calls `then` when the answer to a failed statement is complete. */
  afterReady(error: PgError, then: () => void): void;
  failureOf(error: PgError, statement: Statement): Error;
}

/**
 * Servers behind a pooler that hands their connections around from one transaction to the next, and does not know of
 * prepared statements: what is prepared there is somewhere else with the next statement.
 * https://www.pgbouncer.org/config.html#max_prepared_statements
 */
const nameless = new Set<string>();

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNKNOWN_STATEMENT = "26000";
const DUPLICATE_STATEMENT = "42P05";
const NOT_SUPPORTED = "0A000";

const NONE: readonly Prepared[] = [];
const UNPREPARED = { prepared: undefined, prepares: false, forget: NONE };

/** Sends statements that stand alone down one connection, without waiting for the answers of those before. */
export class PgPipeline {
  readonly #types: PgModule["types"];
  readonly #textual: PgModule["types"];
  readonly #client: PgClient;
  readonly #host: PgPipelineHost;
  readonly #prepared = new PreparedStatements();
  #corked = false;

  constructor(pg: PgModule, client: PgClient, host: PgPipelineHost) {
    admitAlone(pg);
    this.#types = typeParsers(pg);
    this.#textual = textualParsers(pg);
    this.#client = client;
    this.#host = host;
  }

  /** Runs a statement; a `frequent` one is kept prepared. */
  send(statement: Statement, frequent: boolean): Promise<Result> {
    return new Promise((resolve, reject) => {
      const gone = this.#host.gone();
      if (gone === undefined) this.#send(statement, frequent, resolve, reject);
      else reject(gone);
    });
  }

  typesFor({ times }: Statement): PgModule["types"] {
    return times === "text" ? this.#textual : this.#types;
  }

  /** The server has forgotten what was prepared. */
  forgetPrepared(): void {
    this.#prepared.clear();
  }

  /** Called by a statement when the server has answered and is ready for the next. */
  answered(alone: PgAlone, result: Result): void {
    this.#host.ended();
    alone.resolve(result);
  }

  /** Called by a statement when the server has refused it or the connection is gone. */
  failed(alone: PgAlone, error: PgError): void {
    const { prepared, statement } = alone;
    this.#host.afterReady(error, () => {
      this.#host.ended();
      const gone = this.#host.gone();
      if (gone === undefined && prepared !== undefined && this.#isStale(prepared, error)) {
        this.#send(statement, error.code === DUPLICATE_STATEMENT, alone.resolve, alone.reject);
        return;
      }
      // Whether it was prepared before it failed is not known, so it is prepared anew another time.
      if (prepared !== undefined && prepared.fields === undefined) this.#prepared.drop(prepared);
      alone.reject(this.#host.failureOf(error, statement));
    });
  }

  #send(
    statement: Statement,
    frequent: boolean,
    resolve: (result: Result) => void,
    reject: (error: unknown) => void,
  ): void {
    const values: unknown[] = new Array(statement.values.length);
    try {
      for (let i = 0; i < values.length; i++) {
        values[i] = this.#host.utils.prepareValue(statement.values[i]);
      }
    } catch (error) {
      reject(this.#host.failureOf(error as PgError, statement));
      return;
    }
    this.#cork();
    this.#host.began();
    const how = this.#prepare(statement.text, frequent);
    this.#client.query(new PgAlone(statement, values, how, this, resolve, reject), undefined);
  }

  /** By which name a statement goes, whether it has to be prepared first, and what the server may forget in its place. */
  #prepare(text: string, frequent: boolean) {
    if (!frequent || nameless.has(this.#host.server)) return UNPREPARED;
    const known = this.#prepared.find(text);
    if (known !== undefined) return { prepared: known, prepares: false, forget: NONE };
    const forget: Prepared[] = [];
    const prepared = this.#prepared.add(text, (old) => forget.push(old));
    return { prepared, prepares: true, forget };
  }

  /** Whether a statement was refused before it began, only because the server has not prepared it as was thought here. */
  #isStale(prepared: Prepared, { code, routine }: PgError): boolean {
    // A name means one text, so this is the right one, prepared by somebody who shared the server's connection.
    if (code === DUPLICATE_STATEMENT) return true;
    // What it gives has changed with its table: https://www.postgresql.org/docs/current/sql-prepare.html
    const changed = code === NOT_SUPPORTED && routine === "RevalidateCachedQuery";
    if (!changed && code !== UNKNOWN_STATEMENT) return false;
    const wasThere = this.#prepared.drop(prepared) && prepared.fields !== undefined;
    // Otherwise the one that was to prepare it has failed, and this one was sent before that was known.
    if (wasThere && !changed) nameless.add(this.#host.server);
    return true;
  }

  /** What is sent in one turn of the event loop leaves in one piece. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    const { stream } = this.#client.connection;
    stream.cork();
    process.nextTick(() => {
      this.#corked = false;
      stream.uncork();
    });
  }
}
