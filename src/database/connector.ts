import { AbortError, ConnectError } from "../base/error.ts";
import type { Connection, Driver } from "../driver/driver.ts";
import type { Connecting } from "./options.ts";

/** Opens connections: to the one host there is, or to the first of several that answers. */
export class Connector {
  readonly #driver: Driver;
  readonly #targets: Connecting["targets"];
  /** The host that answered last; the next connect begins with it. */
  #last = 0;

  constructor(driver: Driver, targets: Connecting["targets"]) {
    this.#driver = driver;
    this.#targets = targets;
  }

  get driver(): Driver {
    return this.#driver;
  }

  /**
   * Opens one connection.
   *
   * @param change what is to be different from the options, such as the application's name
   * @throws ConnectError of the one host, or one that names them all
   */
  async open(signal: AbortSignal, change: { applicationName?: string } = {}): Promise<Connection> {
    const failures: Error[] = [];
    for (let i = 0; i < this.#targets.length; i++) {
      const at = (this.#last + i) % this.#targets.length;
      const target = this.#targets[at];
      if (target === undefined) break;
      try {
        const connection = await this.#driver.connect({ ...target, ...change }, signal);
        this.#last = at;
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectError) || this.#targets.length === 1) throw error;
        if (signal.aborted) throw new AbortError("A connect", { cause: signal.reason });
        failures.push(error);
      }
    }
    throw new ConnectError(
      `None of ${this.#targets.length} hosts took a connection. ${failures.map(({ message }) => message).join(" ")}`,
      { cause: new AggregateError(failures) },
    );
  }
}
