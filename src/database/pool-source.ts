import type { Origin } from "../base/origin.ts";
import type { Connection } from "../driver/driver.ts";
import type { Loan } from "../pool/loan.ts";
import type { Pool } from "../pool/pool.ts";
import type { Lease, LeaseReceiver, LeaseRequest, Source } from "./source.ts";

/** Lends a pool's connections. */
export class PoolSource implements Source {
  readonly pool: Pool<Connection>;
  readonly origin: Origin;

  constructor(pool: Pool<Connection>, origin: Origin) {
    this.pool = pool;
    this.origin = origin;
  }

  acquire(request: LeaseReceiver): Lease | Promise<Lease | undefined>;
  acquire(request: LeaseRequest): Lease | Promise<Lease>;
  acquire(request: LeaseRequest): Lease | Promise<Lease> {
    // All leases of this source are the pool's own loans.
    return this.pool.acquire(request as LeaseRequest & { enclosing?: readonly Loan<Connection>[] });
  }

  release(lease: Lease): void | Promise<void> {
    return this.pool.release(lease as Loan<Connection>);
  }

  destroy(lease: Lease): Promise<void> {
    return this.pool.destroy(lease as Loan<Connection>);
  }

  /** Closes the connections that nobody uses; gives their number. */
  closeIdle(): Promise<number> {
    return this.pool.closeIdle();
  }

  /** Closes those held for longer than `age` milliseconds; gives their number. */
  closeStale(age: number): Promise<number> {
    return this.pool.closeStale(age);
  }

  dispose(): Promise<void> {
    return this.pool.closeAll();
  }
}
