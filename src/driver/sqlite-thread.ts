import { AsyncLocalStorage } from "node:async_hooks";
import type { Worker } from "node:worker_threads";
import { ConnectError } from "../base/error.ts";
import { microtask, nextTick } from "../base/turn.ts";
import type { Answer, Asker, Desk, Order } from "./sqlite-desk.ts";
import { OpenFailure } from "./sqlite-open.ts";
import { AnswerReader, type Errand, ErrandPacker, type Parcel } from "./sqlite-wire.ts";

/** A thread must not keep alive what the request that happened to start it had in its async context. */
const outside = AsyncLocalStorage.snapshot();

/** What `raw` is for a connection whose SQLite object lives in a worker thread, out of reach. */
export interface SqliteThreadConnection {
  /** The client library in use there. */
  readonly client: string;
  /** The file's whole path. */
  readonly file: string;
  /** The thread; other connections may live in it too. To end it ends them all. */
  readonly worker: Worker;
}

/** One worker thread with the desks in it. */
export class SqliteThread {
  readonly worker: Worker;
  readonly #desks = new Map<number, RemoteDesk>();
  readonly #reader = new AnswerReader();
  #last = 0;
  readonly #packer = new ErrandPacker();
  /** Whether the end of this turn is awaited. */
  #flushes = false;
  /** Errands without an answer, while which the thread keeps the process alive. */
  #owed = 0;
  /** How many of those have left. */
  #sent = 0;
  #gone: Error | undefined;
  readonly #emptied: (thread: SqliteThread) => void;
  readonly #ended: (thread: SqliteThread) => void;

  /**
   * @param code the file of the worker's program
   * @param emptied is told when the last connection in it was closed
   * @param ended is told when the thread is gone, by itself or not
   * @throws ConnectError where threads are not allowed
   */
  constructor(
    code: string | URL,
    emptied: (thread: SqliteThread) => void,
    ended: (thread: SqliteThread) => void,
  ) {
    this.#emptied = emptied;
    this.#ended = ended;
    this.worker = outside(() => start(code));
    this.worker.on("message", (parcel: Parcel) => this.#read(parcel));
    this.worker.on("error", (error) => this.#lose(error));
    this.worker.on("messageerror", (error) => this.#lose(error));
    this.worker.on("exit", (code) => this.#lose(new Error(`Its worker thread ended with code ${code}.`)));
    // After the listeners, which would keep the process alive again.
    this.worker.unref();
  }

  /** How many connections live here, those being opened included. */
  get size(): number {
    return this.#desks.size;
  }

  get gone(): boolean {
    return this.#gone !== undefined;
  }

  /**
   * Opens a file.
   *
   * @throws OpenFailure; ConnectError where the thread ended meanwhile
   */
  open(client: string, file: string, options: Record<string, unknown>): Promise<Desk> {
    const desk = new RemoteDesk(this, ++this.#last, client);
    this.#desks.set(desk.number, desk);
    return new Promise((resolve, reject) => {
      desk.opening(
        (answer) => {
          if (answer.failure === undefined) {
            desk.path = String(answer.rows[0]?.[0] ?? "");
            resolve(desk);
            return;
          }
          this.leave(desk);
          const { error, errno } = answer.failure;
          reject(new OpenFailure(error, errno));
        },
        (cause) =>
          reject(
            new ConnectError(
              `Could not open the SQLite file ${file}: its worker thread ended. ${cause.message} With the option workers: false the connection lives in this thread.`,
              { cause },
            ),
          ),
      );
      this.post(desk.number, { op: "open", client, file, options });
    });
  }

  /** Adds an errand to the parcel that leaves at the end of this turn. */
  post(desk: number, errand: Errand): void {
    if (this.#gone !== undefined) return;
    this.#packer.add(desk, errand);
    if (errand.op !== "cancel" && ++this.#owed === 1) this.worker.ref();
    // A thread that has nothing to do begins while the rest of this turn's errands are still being found.
    if (this.#sent === 0) this.#flush();
    else if (!this.#flushes) {
      this.#flushes = true;
      // Behind the promises of this turn, so that all they lead to travels along.
      microtask(this.#whenTurnEnds);
    }
  }

  /** A desk is closed. */
  leave(desk: RemoteDesk): void {
    this.#desks.delete(desk.number);
    if (this.#desks.size === 0) this.#emptied(this);
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  readonly #whenTurnEnds = (): void => nextTick(this.#endOfTurn);

  readonly #endOfTurn = (): void => {
    this.#flushes = false;
    this.#flush();
  };

  #flush(): void {
    const ready = this.#packer.take();
    if (ready === undefined || this.#gone !== undefined) return;
    this.#sent = this.#owed;
    this.worker.postMessage(ready.parcel, ready.transfer);
  }

  #read(parcel: Parcel): void {
    this.#reader.read(parcel, (number, answer) => {
      this.#sent--;
      if (--this.#owed === 0) this.worker.unref();
      this.#desks.get(number)?.answered(answer);
    });
  }

  #lose(cause: Error): void {
    if (this.#gone !== undefined) return;
    this.#gone = cause;
    this.#ended(this);
    const desks = [...this.#desks.values()];
    this.#desks.clear();
    for (const desk of desks) desk.lose(cause);
    void this.worker.terminate();
  }
}

function start(code: string | URL): Worker {
  try {
    // Loaded with the first thread, since who keeps SQLite in his own pays 2 ms for it at each start of his program.
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    // The program's own options (a loader, an inspector, a test runner) are not for this thread. The built-in SQLite of
    // Node.js 22 warns in each thread that it is experimental; Deno refuses an option that it does not know.
    const worker = new Worker(code, {
      name: "apocryphan-sqlite",
      execArgv: process.versions.deno === undefined ? ["--disable-warning=ExperimentalWarning"] : [],
    });
    return worker;
  } catch (error) {
    throw new ConnectError(
      `A SQLite connection's worker thread could not be started: ${(error as Error).message} Allow worker threads, or keep the connections in this thread with the option workers: false.`,
      { cause: error },
    );
  }
}

/** So many that have their answer are taken off the list at once, at the latest. */
const MOST_ANSWERED = 1000;

/** This thread's end of a desk in a worker thread. */
class RemoteDesk implements Desk {
  readonly number: number;
  readonly raw: SqliteThreadConnection;
  path = "";
  inTransaction = false;
  isOpen = true;
  readonly #thread: SqliteThread;
  /** Who waits for an answer, from the first on that has none; they come in the order of the errands. */
  #owed: (Asker | undefined)[] = [];
  #first = 0;
  #tell: ((cause: Error) => void) | undefined;
  #closed: (() => void) | undefined;

  constructor(thread: SqliteThread, number: number, client: string) {
    this.#thread = thread;
    this.number = number;
    const desk = this;
    this.raw = {
      client,
      get file() {
        return desk.path;
      },
      worker: thread.worker,
    };
  }

  get shares(): unknown {
    return this.#thread;
  }

  /** Waits for the first answer. */
  opening(opened: (answer: Answer) => void, failed: (cause: Error) => void): void {
    this.#owed.push({ answered: opened });
    this.#tell = failed;
  }

  give(order: Order, asker: Asker): void {
    this.#owed.push(asker);
    this.#thread.post(this.number, order);
  }

  cancel(): void {
    if (this.#owed.length > this.#first) this.#thread.post(this.number, { op: "cancel" });
  }

  close(): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    this.isOpen = false;
    this.#tell = undefined;
    return new Promise((resolve) => {
      this.#closed = resolve;
      const answered = (): void => {
        this.#thread.leave(this);
        resolve();
      };
      this.#owed.push({ answered });
      this.#thread.post(this.number, { op: "close" });
    });
  }

  onLost(lost: (cause: Error) => void): void {
    this.#tell = lost;
  }

  answered(answer: Answer): void {
    const next = this.#owed[this.#first];
    this.#owed[this.#first++] = undefined;
    // To take each off by itself would move all the others each time.
    if (this.#first === this.#owed.length || this.#first === MOST_ANSWERED) {
      this.#owed.splice(0, this.#first);
      this.#first = 0;
    }
    this.inTransaction = answer.inTransaction;
    next?.answered(answer);
  }

  lose(cause: Error): void {
    this.isOpen = false;
    this.#owed = [];
    this.#first = 0;
    this.#closed?.();
    this.#tell?.(cause);
  }
}
