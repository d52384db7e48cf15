import { PgAlone } from "./pg-alone.ts";
import type { PgClient } from "./pg-client.ts";

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const CODES = [..."123nDCZE"].map((letter) => letter.charCodeAt(0));
const [PARSE_COMPLETE, BIND_COMPLETE, CLOSE_COMPLETE, NO_DATA, DATA_ROW, COMMAND_COMPLETE] = CODES;
const [READY_FOR_QUERY, ERROR] = CODES.slice(-2);
/** A message's code, and its length, which counts itself. */
const HEADER = 5;

/** What `pg` tells of the answer after which the next statement's begins. */
const READY = { I: ready("I"), T: ready("T"), E: ready("E") } as const;

function ready(status: string) {
  return { name: "readyForQuery", length: 5, status };
}

/** What `pg` keeps to itself and is needed here; where it is not there, it reads everything. */
interface Inside {
  readonly _activeQuery?: unknown;
}

interface Emitter {
  readonly _emitMessage?: boolean;
  emit(event: string, message: unknown): boolean;
}

type Reads = (bytes: Buffer) => void;

/**
 * Reads the answers to statements that stand alone straight from the bytes that come in. `pg` makes an object and an event of
 * each message, and a string of each value, which took more time than all else that is done for a small statement. All that
 * is not a part of such an answer, and every error, is left to `pg`, in whole messages and in its turn.
 */
export class PgAnswers {
  readonly #client: Inside;
  readonly #wire: Emitter;
  readonly #theirs: Reads;
  /** The beginning of a message whose end has not come yet, in pieces. */
  #pieces: Buffer[] = [];
  #held = 0;
  /** Bytes that have to be there before it is worth looking again. */
  #needed = HEADER;

  private constructor(client: Inside, wire: Emitter, theirs: Reads) {
    this.#client = client;
    this.#wire = wire;
    this.#theirs = theirs;
  }

  /** Takes over from `pg`'s own reader, between two messages; nothing where this version of `pg` can't be helped in this way. */
  static takeOver(client: PgClient): void {
    const { connection } = client;
    const [theirs, ...others] = connection.stream.listeners("data") as Reads[];
    if (theirs === undefined || others.length > 0 || !("_activeQuery" in client)) return;
    const answers = new PgAnswers(client as Inside, connection as unknown as Emitter, theirs);
    connection.stream.off("data", theirs);
    connection.stream.on("data", (bytes: Buffer) => answers.#came(bytes));
  }

  #came(bytes: Buffer): void {
    if (this.#held === 0) {
      this.#read(bytes);
      return;
    }
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#held < this.#needed) return;
    const all = Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [];
    this.#held = 0;
    this.#read(all);
  }

  #read(bytes: Buffer): void {
    const { length } = bytes;
    let at = 0;
    /** From here to `at` lie messages for `pg`. */
    let left = 0;
    /** Whether one of those may end its turn of whoever is being answered. */
    let turns = false;
    const leave = (): void => {
      if (left < at) this.#theirs(bytes.subarray(left, at));
      left = at;
      turns = false;
    };
    this.#needed = HEADER;
    while (length - at >= HEADER) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > length) {
        this.#needed = end - at;
        break;
      }
      const code = bytes[at] as number;
      if (this.#isOurs(code)) {
        if (turns) leave();
        const active = this.#wire._emitMessage === true ? undefined : this.#client._activeQuery;
        if (active instanceof PgAlone) {
          leave();
          this.#tell(active, code, bytes, at, end);
          left = end;
        } else turns = code === READY_FOR_QUERY;
      } else turns ||= code === ERROR;
      at = end;
    }
    leave();
    if (at < length) {
      this.#pieces.push(at === 0 ? bytes : bytes.subarray(at));
      this.#held = length - at;
    }
  }

  #isOurs(code: number): boolean {
    switch (code) {
      case DATA_ROW:
      case BIND_COMPLETE:
      case COMMAND_COMPLETE:
      case READY_FOR_QUERY:
      case PARSE_COMPLETE:
      case CLOSE_COMPLETE:
      case NO_DATA:
        return true;
      default:
        return false;
    }
  }

  #tell(alone: PgAlone, code: number, bytes: Buffer, at: number, end: number): void {
    if (code === DATA_ROW) alone.readRow(bytes, at + HEADER);
    // The tag ends with a zero byte.
    else if (code === COMMAND_COMPLETE) alone.readTag(bytes, end - 1);
    else if (code === READY_FOR_QUERY) {
      const status = String.fromCharCode(bytes[at + HEADER] as number) as keyof typeof READY;
      this.#wire.emit("readyForQuery", READY[status]);
    }
    // Nothing has to be done when the server has parsed, bound or closed something, or has no rows to describe.
  }
}
