import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Which way bytes go: what the client sends, or what the server answers. */
export type Direction = "up" | "down";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Milliseconds by which this connection's bytes, and its ends, are late. */
  delay: number;
}

/**
 * A network that can be broken: a TCP proxy in front of a server. What a method changes holds for the connections there are and
 * for those to come, until another says otherwise; `cut`, `reset` and `halfOpen` happen once, to the connections there are.
 */
export class FaultProxy implements AsyncDisposable {
  readonly host = "127.0.0.1";
  /** How many connections were accepted since the start. */
  accepted = 0;
  /** The most that were open at one moment. */
  mostOpen = 0;
  /** Bytes forwarded since the start. */
  readonly forwarded: Record<Direction, number> = { up: 0, down: 0 };
  #target: { host: string; port: number };
  #listener: Server | undefined;
  #port = 0;
  readonly #pairs = new Set<Pair>();
  readonly #stalled = new Set<Direction>();
  #delay = 0;
  #closing = false;
  #bytesLeft: Record<Direction, number> = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };
  readonly #held = new Map<Socket, () => void>();

  constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** How many connections are open now, on the client's side. */
  get open(): number {
    return this.#pairs.size;
  }

  /** `url` with this proxy's host and port in it. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = this.host;
    changed.port = String(this.#port);
    return changed.href;
  }

  /** All is well again: takes connections, forwards bytes at once, held ones first. */
  async pass(): Promise<void> {
    this.#stalled.clear();
    this.#delay = 0;
    for (const pair of this.#pairs) pair.delay = 0;
    this.#closing = false;
    this.#bytesLeft = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };
    for (const release of [...this.#held.values()]) release();
    await this.listen();
  }

  /** Closes all connections in good order (FIN to both sides). */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.end();
      server.end();
    }
  }

  /** Breaks all connections off (RST to both sides). */
  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /**
   * One side is gone and the other does not know: its end stays open, takes bytes and never answers.
   *
   * @param gone who is gone; the server by default
   */
  halfOpen(gone: "server" | "client" = "server"): void {
    for (const { client, server } of this.#pairs) {
      const [dead, left] = gone === "server" ? [server, client] : [client, server];
      left.removeAllListeners("data").removeAllListeners("end").resume();
      dead.removeAllListeners("close").destroy();
      left.once("end", () => left.end());
    }
  }

  /** Holds bytes back instead of forwarding them; `pass` lets them go on. */
  stall(...directions: readonly Direction[]): void {
    for (const direction of directions.length > 0 ? directions : (["up", "down"] as const)) {
      this.#stalled.add(direction);
    }
  }

  /** Forwards every chunk that much later. @param ms milliseconds */
  delay(ms: number): void {
    this.#delay = ms;
  }

  /**
   * Forwards every chunk, and the end, of the connections there are that much later; those to come are as fast as ever.
   *
   * @param ms milliseconds
   */
  slow(ms: number): void {
    for (const pair of this.#pairs) pair.delay = ms;
  }

  /** Breaks a connection off after so many more bytes in one direction, wherever in a message that is. */
  resetAfter(bytes: number, direction: Direction = "down"): void {
    this.#bytesLeft[direction] = bytes;
  }

  /** Takes no more connections (`ECONNREFUSED`); those there are go on. */
  async refuse(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (!listener) return;
    // Not awaited: it is closed for new ones at once, and `close` only calls back when the last one has ended.
    listener.close();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Accepts connections and closes them at once, as a balancer without a server behind it does. */
  acceptAndClose(): void {
    this.#closing = true;
  }

  /** Leads connections to come to another server. */
  leadTo(target: { host: string; port: number }): void {
    this.#target = target;
  }

  async listen(): Promise<void> {
    if (this.#listener) return;
    const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.#accept(client));
    listener.listen({ host: this.host, port: this.#port });
    await once(listener, "listening");
    this.#port = (listener.address() as AddressInfo).port;
    this.#listener = listener;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse();
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  #accept(client: Socket): void {
    this.accepted++;
    client.on("error", () => {});
    if (this.#closing) {
      client.end();
      client.resume();
      return;
    }
    const server = connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    server.on("error", () => client.resetAndDestroy());
    const pair = { client, server, delay: 0 };
    this.#pairs.add(pair);
    this.mostOpen = Math.max(this.mostOpen, this.#pairs.size);
    client.once("close", () => {
      this.#pairs.delete(pair);
      this.#held.delete(client);
      this.#held.delete(server);
      server.destroy();
    });
    server.once("close", () => client.destroySoon());
    this.#forward(client, server, "up", pair);
    this.#forward(server, client, "down", pair);
  }

  #forward(from: Socket, to: Socket, direction: Direction, pair: Pair): void {
    // Chunks, and at last the end, go one after the other, however each of them is delayed or held.
    let before: Promise<void> = Promise.resolve();
    const inTurn = (act: () => void): void => {
      before = before.then(async () => {
        const delay = Math.max(this.#delay, pair.delay);
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        if (this.#stalled.has(direction)) {
          await new Promise<void>((resolve) => this.#held.set(from, resolve));
          this.#held.delete(from);
        }
        act();
      });
    };
    from.on("data", (chunk: Buffer) => {
      inTurn(() => {
        const part = chunk.subarray(0, this.#bytesLeft[direction]);
        this.#bytesLeft[direction] -= part.length;
        this.forwarded[direction] += part.length;
        if (to.writable && part.length > 0) to.write(part);
        if (part.length < chunk.length) {
          // What was let through is delivered before the end, or the limit would not be where it was set.
          setImmediate(() => {
            pair.client.resetAndDestroy();
            pair.server.resetAndDestroy();
          });
        }
      });
    });
    from.on("end", () => inTurn(() => to.end()));
  }
}

/** Starts a proxy in front of a server. @param target host and port, or a URL that holds them */
export async function startProxy(target: string | { host: string; port: number }): Promise<FaultProxy> {
  const { host, port } = typeof target === "string" ? addressOf(target) : target;
  const proxy = new FaultProxy({ host, port });
  await proxy.listen();
  return proxy;
}

function addressOf(text: string): { host: string; port: number } {
  const url = new URL(text);
  return {
    host: url.hostname,
    port: Number(url.port || (url.protocol.startsWith("postgres") ? 5432 : 3306)),
  };
}
