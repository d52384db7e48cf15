import { ConnectionLostError } from "../base/error.ts";
import type { Origin } from "../base/origin.ts";
import type { Connection } from "../driver/driver.ts";
import type { Connector } from "./connector.ts";
import type { Lease, LeaseRequest, Source } from "./source.ts";

interface DirectLease extends Lease {
  lost: Error | undefined;
}

/** Opens a connection for each that is asked for, and closes it when it comes back. */
export class DirectSource implements Source {
  readonly #connector: Connector;
  readonly #open = new Set<DirectLease>();

  constructor(connector: Connector) {
    this.#connector = connector;
  }

  get origin(): Origin {
    return this.#connector.origin;
  }

  async acquire({ signal }: LeaseRequest): Promise<Lease> {
    return this.adopt(await this.#connector.open(signal ?? new AbortController().signal));
  }

  /** A loan of a connection that was opened already. */
  adopt(item: Connection): Lease {
    const lease: DirectLease = { item, lost: undefined };
    item.onLost((cause) => {
      lease.lost = cause;
      this.#connector.lost(item, cause);
      void item.close();
    });
    this.#open.add(lease);
    return lease;
  }

  release(lease: Lease): Promise<void> {
    return this.destroy(lease);
  }

  async destroy(lease: Lease): Promise<void> {
    this.#open.delete(lease as DirectLease);
    await lease.item.close();
  }

  async dispose(): Promise<void> {
    await Promise.all(
      [...this.#open].map((lease) => {
        lease.lost ??= new ConnectionLostError(
          "The database object was closed, and this connection with it. Connect again.",
        );
        return this.destroy(lease);
      }),
    );
  }
}
