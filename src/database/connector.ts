import { AbortError, ConnectError } from "../base/error.ts";
import { type Origin, originOf } from "../base/origin.ts";
import type { Connection, Driver, Target } from "../driver/driver.ts";
import { endpoint } from "../driver/endpoint.ts";
import { DatabaseError } from "../driver/errors.ts";
import type { Connecting } from "./options.ts";

/**
 * Milliseconds in which a host's connections are given up together only once. A program that writes to a standby by
 * mistake then loses the connection on which it did, and not everybody's again and again.
 */
const CALM = 5000;

/** One of the servers to connect to. */
interface Host {
  readonly target: Target;
  /** Grows each time all that is open to it is given up. */
  generation: number;
  retiredAt: number;
}

/** What is to be different from the options for one connection. Options for the client are added to those there are. */
export type Different = Partial<Pick<Target, "applicationName" | "database" | "driver" | "mustExist">>;

/** Where a connection leads. */
interface Destination {
  readonly host: Host;
  readonly generation: number;
}

/**
 * Opens connections: to the one host there is, or to the first of several that answers and takes writes. Remembers which
 * connection leads where, so that all that lead to a server that takes no writes any more can be given up together.
 */
export class Connector {
  readonly origin: Origin;
  readonly #driver: Driver;
  readonly #hosts: readonly Host[];
  readonly #destinations = new WeakMap<Connection, Destination>();
  /** The host that answered last; the next connect begins with it. */
  #last = 0;

  /** @param name what to call where it leads, where that has a name */
  constructor(driver: Driver, targets: Connecting["targets"], name?: string) {
    this.#driver = driver;
    this.origin = originOf(driver.dialect.name, targets, name);
    this.#hosts = targets.map((target) => ({ target, generation: 0, retiredAt: Number.NEGATIVE_INFINITY }));
  }

  get driver(): Driver {
    return this.#driver;
  }

  /**
   * Opens one connection. Several hosts share one `connectTimeout`, so that a silent one does not use up the time of the others.
   *
   * @param change what is to be different from the options, such as the application's name
   * @throws ConnectError of the one host, or one that names them all
   */
  async open(signal: AbortSignal, change: Different = {}): Promise<Connection> {
    const several = this.#hosts.length > 1;
    const failures: Error[] = [];
    const began = performance.now();
    const first = this.#last;
    for (let i = 0; i < this.#hosts.length; i++) {
      const at = (first + i) % this.#hosts.length;
      const host = this.#hosts[at] as Host;
      const left = host.target.connectTimeout - (performance.now() - began);
      const connectTimeout = Math.max(1, Math.ceil(left / (this.#hosts.length - i)));
      const driver = { ...host.target.driver, ...change.driver };
      const target = { ...host.target, ...change, driver, connectTimeout };
      const { generation } = host;
      try {
        const connection = await this.#driver.connect(target, signal);
        if (several) await this.#demandWrites(connection, target, signal);
        this.#destinations.set(connection, { host, generation });
        this.#last = at;
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectError) || !several) throw error;
        if (signal.aborted) throw new AbortError("A connect", { cause: signal.reason });
        failures.push(error);
        if (this.#last === at) this.#last = (at + 1) % this.#hosts.length;
      }
    }
    throw new ConnectError(
      `None of ${this.#hosts.length} hosts took a connection. ${failures.map(({ message }) => message).join(" ")}`,
      { cause: new AggregateError(failures) },
    );
  }

  /**
   * Tells that `connection` died, and why. Where that says that its server takes no writes any more, the next connect
   * begins with the next host.
   *
   * @returns which other connections are of no more use than this one
   */
  lost(connection: Connection, cause: Error): ((other: Connection) => boolean) | undefined {
    const origin = this.#destinations.get(connection);
    if (origin === undefined || !DatabaseError.retiresHost(cause.cause)) return undefined;
    const { host, generation } = origin;
    const now = performance.now();
    if (generation !== host.generation || now - host.retiredAt < CALM) return undefined;
    host.generation++;
    host.retiredAt = now;
    this.#last = (this.#hosts.indexOf(host) + 1) % this.#hosts.length;
    return (other) => {
      const its = this.#destinations.get(other);
      return its?.host === host && its.generation <= generation;
    };
  }

  /** Closes a connection to a server that takes no writes. @throws ConnectError */
  async #demandWrites(connection: Connection, target: Target, signal: AbortSignal): Promise<void> {
    if (!(await this.#takesNoWrites(connection, target, signal))) return;
    await connection.close();
    throw new ConnectError(
      `Connected to ${this.#driver.dialect.title} at ${endpoint(target)}, which takes no writes now: it is a standby or set to read-only.`,
    );
  }

  async #takesNoWrites(connection: Connection, target: Target, signal: AbortSignal): Promise<boolean> {
    if (connection.standby !== undefined) return connection.standby;
    const { readOnlyProbe } = this.#driver.dialect;
    if (readOnlyProbe === undefined) return false;
    // Given up like a connect: by the signal, or when its time is over.
    const give = (): void => void connection.close();
    const timer = setTimeout(give, target.connectTimeout);
    signal.addEventListener("abort", give, { once: true });
    try {
      const { rows } = await connection.query({ text: readOnlyProbe, values: [] });
      return Object.values(rows[0] ?? {}).some(isOn);
    } catch (error) {
      // A server that does not know the question is not asked to answer it.
      if (error instanceof DatabaseError) return false;
      await connection.close();
      throw new ConnectError(
        `Connected to ${this.#driver.dialect.title} at ${endpoint(target)}, but the connection broke before it could be asked whether it takes writes.`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", give);
    }
  }
}

/** Whether a setting's value says yes; servers and versions give booleans, numbers and words. */
function isOn(value: unknown): boolean {
  return !["false", "0", "off", "null", ""].includes(String(value).toLowerCase());
}
