import { LONGEST_TIMER } from "../base/clock.ts";
import { AbortError } from "../base/error.ts";
import type { Origin } from "../base/origin.ts";
import { sample } from "../base/sample.ts";
import type { Connection, Ran, Result, Standing, Statement } from "../driver/driver.ts";
import { DatabaseError, StatementTimeoutError } from "../driver/errors.ts";
import type { Call } from "./call.ts";
import { ConnectionBusyError, ConnectionClosedError, TransactionAbortedError } from "./errors.ts";
import { Frame } from "./frame.ts";
import { abortedStatement, limited } from "./limit.ts";
import type { Lease, Source } from "./source.ts";

type Rows = Record<string, unknown>[];

/** Milliseconds a cancelled statement may take to answer before its connection is given up, where the driver does not say. */
const PATIENCE = 10_000;

const DONE = Promise.resolve();

/**
 * A loan at work: the connection, who may send on it, and its end. Its methods, and those of handles, are private to the compiler
 * alone: a class with a `#method` puts a mark on each object that is made, and these are made for each scope.
 */
export class Session {
  readonly lease: Lease;
  readonly #source: Source;
  /** Whether the dialect's connections take other statements while a cursor is open. */
  readonly #cursorsShare: boolean;
  #cursors: Set<AsyncIterableIterator<Rows>> | undefined;
  /** Gives up whatever is under way here when it is aborted, as each statement's own `signal` does. */
  until: AbortSignal | undefined;
  /** Statements that have not been answered, and cancellations that have not been delivered. */
  #underWay = 0;
  /** Whether a statement of this loan was answered. */
  #heard = false;
  #whenQuiet: (() => void)[] | undefined;
  #root: Frame | undefined;
  #ended: Promise<void> | undefined;

  constructor(source: Source, lease: Lease, cursorsShare: boolean) {
    this.#source = source;
    this.lease = lease;
    this.#cursorsShare = cursorsShare;
  }

  /** Where it leads. */
  get origin(): Origin {
    return this.#source.origin;
  }

  /** The connection's own level, outside of all `atomic` blocks. */
  get root(): Frame {
    if (this.#root === undefined) {
      this.#root = new Frame();
      if (this.#ended !== undefined) this.#root.finish("closed");
    }
    return this.#root;
  }

  get connection(): Connection {
    return this.lease.item;
  }

  /**
   * How things stand for this loan. Before its first answer the connection tells of the last holder, whose transaction may be
   * on its way to being rolled back: that is sent as a connection is given back, and nobody waits for it.
   */
  get standing(): Standing {
    const { standing } = this.connection;
    return this.#heard || standing === "lost" ? standing : "idle";
  }

  /** Whether it was given back, or is being given back. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Throws where nothing can be sent any more. */
  check(): void {
    if (this.#ended !== undefined) throw new ConnectionClosedError();
    if (this.lease.lost !== undefined) throw this.lease.lost;
    if (this.#cursors !== undefined && this.#cursors.size > 0 && !this.#cursorsShare)
      throw new ConnectionBusyError();
  }

  /** Runs a statement in `frame`, when it is its turn. */
  async execute(frame: Frame, call: Call): Promise<Result> {
    if (call.signal !== undefined || call.timeout !== undefined || this.until !== undefined) {
      return this.executeLimited(frame, call);
    }
    this.checkIn(frame);
    if (!frame.tryEnter(false)) {
      await frame.enter(false);
      try {
        this.checkIn(frame);
      } catch (error) {
        frame.leave(false);
        throw error;
      }
    }
    try {
      return await this.send(frame, call.statement);
    } finally {
      frame.leave(false);
    }
  }

  /**
   * Runs statements in `frame`'s transaction, here and now, up to the first that fails. `undefined`, and nothing done, where
   * they have to be sent one by one; those behind the last one that was done have to be, too.
   */
  runAll(frame: Frame, texts: readonly string[]): Ran | undefined {
    const { connection } = this;
    if (connection.runAll === undefined || frame.depth === 0 || this.until !== undefined) return undefined;
    this.checkIn(frame);
    if (!frame.tryEnter(true)) return undefined;
    try {
      const ran = connection.runAll(texts);
      if (ran?.failure !== undefined) this.failed(frame, ran.failure);
      return ran;
    } finally {
      frame.leave(true);
    }
  }

  /** Sends a statement now, without asking whose turn it is. */
  async send(frame: Frame, statement: Statement): Promise<Result> {
    this.#underWay++;
    try {
      return await this.connection.query(statement);
    } catch (error) {
      this.failed(frame, error);
      throw this.reason(error);
    } finally {
      this.answered();
    }
  }

  /**
   * Sends one of the statements around a block. All but `commit`, which may have much to do, are done in no time: where one is
   * not answered for as long as a connect may take, nobody is there, and the connection is given up.
   */
  async sendAround(frame: Frame, statement: Statement): Promise<Result> {
    const { connection } = this;
    if (connection.patience === undefined || statement.text === "commit") return this.send(frame, statement);
    const timer = setTimeout(() => void connection.close(0), connection.patience);
    try {
      return await this.send(frame, statement);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rows in batches, from a cursor that is closed when the reader leaves. */
  async *stream(frame: Frame, call: Call): AsyncIterableIterator<Rows> {
    const { statement, batch, timeout } = call;
    const signal = this.signalOf(call);
    if (signal?.aborted) throw abortedStatement(signal);
    this.checkIn(frame);
    if (!frame.tryEnter(true)) await frame.enter(true, signal, () => abortedStatement(signal));
    // Others are told at once that a cursor is open, rather than kept waiting by a loop that may be waiting for them.
    frame.leave(true);
    this.checkIn(frame);
    const rows = this.connection.stream(statement, batch);
    this.#cursors ??= new Set();
    this.#cursors.add(rows);
    let givenUp = false;
    try {
      while (true) {
        const running = rows.next();
        const limit = { signal, left: timeout, timeout, text: statement.text };
        const next = await limited(running, limit, () => void this.cancel(running));
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      givenUp = isGivenUp(error);
      this.failed(frame, error);
      throw this.reason(error);
    } finally {
      // Who has stopped waiting is answered now; what comes next on this connection waits until the cursor is closed.
      if (givenUp && frame.tryEnter(true)) this.closeLater(rows, frame);
      else {
        await rows.return?.();
        this.#cursors?.delete(rows);
      }
    }
  }

  private signalOf({ signal }: Call): AbortSignal | undefined {
    if (this.until === undefined) return signal;
    return signal === undefined ? this.until : AbortSignal.any([signal, this.until]);
  }

  private closeLater(rows: AsyncIterableIterator<Rows>, frame: Frame): void {
    this.#cursors?.delete(rows);
    this.#underWay++;
    const closed = (): void => {
      frame.leave(true);
      this.answered();
    };
    Promise.resolve(rows.return?.()).then(closed, closed);
  }

  /** Gives the connection back, or closes it. `false` where that was done before. Settles when its place can be used again. */
  async end(how: "release" | "destroy"): Promise<boolean> {
    if (this.#ended !== undefined) {
      await this.#ended;
      return false;
    }
    this.#ended = this.finish(how);
    await this.#ended;
    return true;
  }

  /**
   * Gives the connection back as `end` does; at once, without a promise, where nothing is under way and the pool has nothing
   * to wait for.
   */
  giveBack(): void | Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    if (this.#underWay > 0 || this.lease.lost !== undefined || (this.#cursors?.size ?? 0) > 0) {
      this.#ended = this.finish("release");
      return this.#ended;
    }
    this.#ended = DONE;
    this.#root?.finish("closed");
    const settled = this.#source.release(this.lease);
    if (settled !== undefined) this.#ended = settled;
    return settled;
  }

  private async finish(how: "release" | "destroy"): Promise<void> {
    this.#root?.finish("closed");
    if (how === "destroy" || this.lease.lost !== undefined) {
      await this.#source.destroy(this.lease);
      return;
    }
    for (const cursor of this.#cursors ?? []) await cursor.return?.();
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#whenQuiet ??= [];
        this.#whenQuiet.push(resolve);
      });
    }
    await this.#source.release(this.lease);
  }

  private async executeLimited(frame: Frame, call: Call): Promise<Result> {
    const { statement, timeout } = call;
    const signal = this.signalOf(call);
    if (signal?.aborted) throw abortedStatement(signal);
    this.checkIn(frame);
    const started = performance.now();
    if (!frame.tryEnter(true)) await this.queueLimited(frame, statement, signal, timeout);
    try {
      this.checkIn(frame);
    } catch (error) {
      frame.leave(true);
      throw error;
    }
    const running = this.send(frame, statement);
    let over: Promise<unknown> = running;
    const left = timeout === undefined ? undefined : Math.max(timeout - (performance.now() - started), 0);
    try {
      return await limited(running, { signal, left, timeout, text: statement.text }, () => {
        over = this.cancel(running);
      });
    } finally {
      // The next statement waits until this one is really over, so that its cancellation can hit nobody else.
      const leave = (): void => frame.leave(true);
      over.then(leave, leave);
    }
  }

  private async queueLimited(
    frame: Frame,
    { text }: Statement,
    signal: AbortSignal | undefined,
    timeout: number | undefined,
  ) {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    const timer = timeout === undefined ? undefined : setTimeout(onAbort, Math.min(timeout, LONGEST_TIMER));
    signal?.addEventListener("abort", onAbort, { once: true });
    const why = (): Error =>
      signal?.aborted ? abortedStatement(signal) : new StatementTimeoutError(timeout ?? 0, text);
    try {
      await frame.enter(true, stop.signal, why);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Cancels what is under way; settles when that was delivered and the statement has answered, or the connection was given up. */
  private async cancel(running: Promise<unknown>): Promise<void> {
    this.#underWay++;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), this.connection.patience ?? PATIENCE);
    });
    const answered = Promise.allSettled([this.connection.cancel(), running]).then(() => false);
    // Who is silent to a cancellation has no farewell to give either.
    if (await Promise.race([answered, late])) await this.connection.close(0);
    clearTimeout(timer);
    this.answered();
  }

  /** What is told of a failure: a statement that was cancelled because its connection was taken away hears of that. */
  private reason(error: unknown): unknown {
    const { lost } = this.lease;
    return lost !== undefined && error instanceof DatabaseError && error.kind === "cancelled" ? lost : error;
  }

  private answered(): void {
    this.#heard = true;
    if (--this.#underWay === 0 && this.#whenQuiet !== undefined)
      for (const tell of this.#whenQuiet.splice(0)) tell();
  }

  private checkIn(frame: Frame): void {
    frame.check();
    this.check();
    if (frame.broken) throw new TransactionAbortedError({ cause: frame.failure });
  }

  /** Remembers a failure, and notices when the database has ended the whole transaction because of it. */
  private failed(frame: Frame, error: unknown): void {
    if (frame.depth === 0 || !(error instanceof DatabaseError)) return;
    frame.failure ??= error;
    if (this.connection.standing !== "idle") return;
    for (let at: Frame | undefined = frame; at !== undefined && at.depth > 0; at = at.parent) {
      at.broken = true;
      at.failure ??= error;
    }
  }
}

/** Whether `error` says that the caller stopped waiting for a statement, which may still be under way. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof StatementTimeoutError || error instanceof AbortError;
}

sample(new Session(undefined as never, undefined as never, false));
