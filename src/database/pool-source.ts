import type { Connection } from "../driver/driver.ts";
import type { Loan } from "../pool/loan.ts";
import type { Pool } from "../pool/pool.ts";
import type { Lease, LeaseRequest, Source } from "./source.ts";

/** Lends a pool's connections. */
export class PoolSource implements Source {
  readonly pool: Pool<Connection>;

  constructor(pool: Pool<Connection>) {
    this.pool = pool;
  }

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

  dispose(): Promise<void> {
    return this.pool.closeAll();
  }
}
