import { Connector } from "../../../src/database/connector.ts";
import type { Connection } from "../../../src/driver/driver.ts";

/** What a cut process sees: nothing ever answers again. */
export class Cut extends Error {}

/**
 * Stands in for killing the process: after the `nth` statement that any connection of this library has sent was executed by the server, and
 * before anybody hears of it, every connection is torn apart from this side, and nothing can be sent any more.
 */
export class Scissors {
  readonly #open: typeof Connector.prototype.open;
  readonly #connections = new Set<Connection>();
  #left = Number.POSITIVE_INFINITY;
  #cut = false;
  /** How many statements were sent since `arm`. */
  sent = 0;
  /** What was sent last. */
  last = "";
  /** All that was sent since `arm`. */
  texts: string[] = [];

  constructor() {
    this.#open = Connector.prototype.open;
    const scissors = this;
    const open = this.#open;
    Connector.prototype.open = async function (signal, change) {
      if (scissors.#cut) throw new Cut("cut");
      return scissors.#watch(await open.call(this, signal, change));
    };
  }

  /** Cuts after so many more statements. */
  arm(after: number): void {
    this.#left = after;
    this.#cut = false;
    this.sent = 0;
    this.texts = [];
    this.#connections.clear();
  }

  get isCut(): boolean {
    return this.#cut;
  }

  restore(): void {
    Connector.prototype.open = this.#open;
  }

  #watch(connection: Connection): Connection {
    this.#connections.add(connection);
    const { query, reset, runAll } = connection;
    connection.query = async (statement) => {
      if (this.#cut) throw new Cut("cut");
      this.sent++;
      const mine = this.sent;
      this.texts.push(statement.text);
      if (mine <= this.#left) this.last = statement.text;
      const answer = await query.call(connection, statement).catch((error: unknown) => {
        if (mine === this.#left) this.#tear();
        throw this.#cut ? new Cut("cut") : error;
      });
      if (mine === this.#left) this.#tear();
      if (this.#cut) throw new Cut("cut");
      return answer;
    };
    // Many statements in one go are as many boundaries.
    if (runAll !== undefined) {
      connection.runAll = (texts) => {
        if (this.#cut) throw new Cut("cut");
        const first = texts.slice(0, Math.max(0, this.#left - this.sent));
        const ran = runAll.call(connection, first);
        if (ran === undefined) return undefined;
        const count = ran.done + (ran.failure === undefined ? 0 : 1);
        this.sent += count;
        this.last = first[count - 1] ?? this.last;
        if (this.sent < this.#left) return ran;
        this.#tear();
        throw new Cut("cut");
      };
    }
    connection.reset = (level) => (this.#cut ? true : reset.call(connection, level));
    return connection;
  }

  #tear(): void {
    this.#cut = true;
    for (const { raw } of this.#connections) tear(raw);
  }
}

/** Ends a client's socket without a word, as the end of the process would. */
function tear(raw: unknown): void {
  const client = raw as {
    connection?: { stream?: { destroy(): void } };
    stream?: { destroy(): void };
    close?(): void;
  };
  const socket = client.connection?.stream ?? client.stream;
  if (socket) socket.destroy();
  else client.close?.();
}
