import { unwritable } from "../base/json.ts";
import { nextTick } from "../base/turn.ts";
import type { Asker, Result, Statement } from "./driver.ts";
import { admitAlone, type Manner, PgAlone } from "./pg-alone.ts";
import type { PgClient, PgError, PgModule, PgSubmittable, PgUtils } from "./pg-client.ts";
import { MessageWriter } from "./pg-message.ts";
import { type Prepared, PreparedStatements } from "./pg-prepared.ts";
import { lookInto } from "./pg-text.ts";
import { textualParsers, typeParsers } from "./pg-types.ts";

/** The connection around a pipeline, as far as the pipeline has to know it. */
export interface PgPipelineHost {
  readonly utils: PgUtils;
  /** Hands a statement to the client. */
  submit(alone: PgSubmittable): void;
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

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNKNOWN_STATEMENT = "26000";
const DUPLICATE_STATEMENT = "42P05";
const NOT_SUPPORTED = "0A000";

/** So many unanswered statements are few: the server may soon have nothing to do. */
const FEW = 8;

const NONE: readonly Prepared[] = [];
const UNPREPARED: Manner = {
  simple: false,
  again: false,
  prepared: undefined,
  prepares: false,
};
const SIMPLE: Manner = { ...UNPREPARED, simple: true };

/**
 * How a statement goes. `"named"`: under a name by which it is kept prepared, where it may be sent again in case that went
 * wrong. `"steady"`: the same where it may not, as inside a transaction, and only if nothing is likely to go wrong. `"unnamed"`:
 * prepared for this once. `"simple"`: as mere text, which can carry no values.
 */
type Form = "named" | "steady" | "unnamed" | "simple";

/** Sends statements that stand alone down one connection, without waiting for the answers of those before. */
export class PgPipeline {
  readonly #types: PgModule["types"];
  readonly #textual: PgModule["types"];
  readonly #client: PgClient;
  readonly #host: PgPipelineHost;
  readonly #prepared = new PreparedStatements();
  /** Names that the server is to forget on the next occasion. */
  #forget: Prepared[] = [];
  /** What is to be sent in front of the next statement. */
  #leads: string[] = [];
  /**
   * Whether the server's process at the other end is always the same. A pooler in between hands processes around, and what
   * is prepared in one is unknown to the next: https://www.pgbouncer.org/features.html
   */
  #direct = false;
  /** Milliseconds that the first answer took, which needed hardly any work. */
  roundTrip: number | undefined;
  readonly writer = new MessageWriter();
  /** Whether the end of this turn is awaited. */
  #flushes = false;
  /** How many statements have been sent and not answered. */
  #sent = 0;
  /** How many have been written and not sent. */
  #held = 0;

  constructor(pg: PgModule, client: PgClient, host: PgPipelineHost) {
    admitAlone(pg);
    this.#types = typeParsers(pg);
    this.#textual = textualParsers(pg);
    this.#client = client;
    this.#host = host;
  }

  /**
   * Asks which process is at the other end; a pooler gives each client a number of its own instead. Nobody waits for the
   * answer, and until it is there nothing is prepared.
   */
  async findDirect(): Promise<void> {
    const asked = { text: "select pg_backend_pid() as pid", values: [] };
    const sentAt = performance.now();
    const { rows } = await this.send(asked, "simple").catch(() => ({ rows: [] }));
    this.roundTrip = performance.now() - sentAt;
    this.#direct = Number(rows[0]?.pid) === this.#client.processID;
  }

  /** Runs one statement. */
  send(statement: Statement, form: Form): Promise<Result> {
    return new Promise((resolve, reject) => this.run(statement, form, { answered: resolve, failed: reject }));
  }

  /** Runs one statement for somebody who is told what comes of it. */
  run(statement: Statement, form: Form, asker: Asker): void {
    const gone = this.#host.gone();
    if (gone === undefined) this.#send(statement, form, asker);
    else asker.failed(gone);
  }

  /** Sends `text` in front of the next statement, in one message with it. */
  lead(text: string): void {
    this.#leads.push(text);
  }

  /** Takes the last one back, where it has not been sent. */
  dropLead(): boolean {
    return this.#leads.pop() !== undefined;
  }

  /** Whether something is to be sent in front of the next statement. */
  get leads(): boolean {
    return this.#leads.length > 0;
  }

  /** Hands out what is to be sent first, for somebody who sends it himself. */
  takeLeads(): readonly string[] {
    const leads = this.#leads;
    if (leads.length > 0) this.#leads = [];
    return leads;
  }

  typesFor({ times }: Statement): PgModule["types"] {
    return times === "text" ? this.#textual : this.#types;
  }

  /**
   * The server may have forgotten what was prepared. It is made sure of before any is prepared anew, since inside a transaction
   * a name that is still taken could not be tried again. To close one that is not there is no error:
   * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
   */
  forgetPrepared(): void {
    this.#forget.push(...this.#prepared.clear());
  }

  /** Called by a statement when the server has answered and is ready for the next. */
  answered(alone: PgAlone, result: Result): void {
    this.#host.ended();
    this.#over();
    alone.asker.answered(result);
  }

  /** Called by a statement when the server has refused it or the connection is gone. */
  failed(alone: PgAlone, error: PgError): void {
    const { prepared, statement } = alone;
    this.#over();
    this.#host.afterReady(error, () => {
      this.#host.ended();
      const gone = this.#host.gone();
      const stale = prepared !== undefined && this.#isStale(prepared, error);
      if (gone === undefined && stale && alone.again) {
        const form = error.code === DUPLICATE_STATEMENT ? "named" : "unnamed";
        this.#send(statement, form, alone.asker);
        return;
      }
      // Whether it was prepared before it failed is not known, so it is forgotten, and prepared anew another time.
      if (prepared !== undefined && prepared.fields === undefined && this.#prepared.drop(prepared))
        this.#forget.push(prepared);
      alone.asker.failed(this.#host.failureOf(error, statement));
    });
  }

  #send(statement: Statement, form: Form, asker: Asker): void {
    const values: (string | Buffer | null)[] = new Array(statement.values.length);
    try {
      for (let i = 0; i < values.length; i++) {
        values[i] = this.#host.utils.prepareValue(statement.values[i]);
      }
    } catch (error) {
      asker.failed(unwritable(error));
      return;
    }
    this.#host.began();
    const leads = this.takeLeads();
    const how = this.#mannerOf(statement.text, form);
    const forget = how.simple ? NONE : this.#forget;
    if (forget.length > 0) this.#forget = [];
    this.#host.submit(new PgAlone(statement, values, how, { leads, forget }, this, asker));
  }

  /** By which name a statement goes, and whether it has to be prepared first. */
  #mannerOf(text: string, form: Form): Manner {
    if (form === "simple") return SIMPLE;
    if (form === "unnamed" || !this.#direct) return UNPREPARED;
    const seen = lookInto(text);
    const again = form === "named";
    if (!again && !seen.steady) return UNPREPARED;
    const known = this.#prepared.find(text);
    if (known !== undefined) return { ...UNPREPARED, again, prepared: known };
    // The first time may be the only time: a name is worth its keep from the second on.
    if (seen.uses++ === 0) return UNPREPARED;
    const prepared = this.#prepared.add(text, (old) => this.#forget.push(old));
    return { simple: false, again, prepared, prepares: true };
  }

  /** Whether a statement was refused before it began, only because the server has not prepared it as was thought here. */
  #isStale(prepared: Prepared, { code, routine }: PgError): boolean {
    // A name means one text, so this is the right one.
    if (code === DUPLICATE_STATEMENT) return true;
    // What it gives has changed with its table: https://www.postgresql.org/docs/current/sql-prepare.html
    const changed = code === NOT_SUPPORTED && routine === "RevalidateCachedQuery";
    if (!changed && code !== UNKNOWN_STATEMENT) return false;
    // Else somebody had it forgotten, or the one that was to prepare it failed after this one was sent.
    this.#prepared.drop(prepared);
    return true;
  }

  /** Sends what was written. */
  flush(): void {
    if (this.#held === 0) return;
    this.#sent += this.#held;
    this.#held = 0;
    const bytes = this.writer.take();
    const { stream } = this.#client.connection;
    if (stream.writable) stream.write(bytes);
  }

  /** Called by a statement that was written. */
  wrote(): void {
    this.#held++;
    this.#flushLater();
  }

  #over(): void {
    this.#sent--;
    if (this.#held > 0) this.#flushLater();
  }

  #flushLater(): void {
    if (this.#flushes) return;
    this.#flushes = true;
    nextTick(this.#endOfTurn);
  }

  /**
   * What is written in one turn of the event loop leaves in one piece. And where the server still has more to answer than is
   * written here, that waits until it has less: it would lie there instead, and each piece costs both sides a call of the
   * system. With a hundred callers a piece held two statements, and holds ten.
   */
  readonly #endOfTurn = (): void => {
    this.#flushes = false;
    if (this.#held >= this.#sent || this.#sent < FEW) this.flush();
  };
}
