import { Database } from "../../src/database/database.ts";
import { direct, type Founder } from "../../src/database/foundation.ts";
import type { ConnectionOptions } from "../../src/database/options.ts";
import { withPool } from "../../src/database/pooled.ts";
import { postgresql } from "../../src/dialect/postgresql.ts";
import type { Connection, Driver } from "../../src/driver/driver.ts";
import { parsePoolOptions } from "../../src/pool/options.ts";
import { Pool } from "../../src/pool/pool.ts";
import { CONNECTIONS, Fake, type Fakes } from "./fake.ts";

const options = (maxConnections: number) => ({ maxConnections, timeout: 0 });

/** The pool inside: what decides and lends, without a context. */
export function innerPool(max = CONNECTIONS): Fakes {
  const pool = new Pool<Fake>(
    {
      open: async () => new Fake(),
      close: async () => {},
      usable: () => true,
      check: async () => true,
      reset: () => true,
      onLost: () => {},
    },
    parsePoolOptions(options(max)),
  );
  return {
    async with(fn) {
      const lent = pool.acquire();
      const loan = lent instanceof Promise ? await lent : lent;
      try {
        await fn(loan.item);
      } finally {
        const settled = pool.release(loan);
        if (settled !== undefined) await settled;
      }
    },
  };
}

/** A driver whose connections lead nowhere. */
const nowhere: Driver = {
  client: "nowhere",
  dialect: postgresql,
  connect: async () => connection(),
};

function connection(): Connection {
  return {
    raw: new Fake(),
    standing: "idle",
    busy: false,
    query: async () => ({ rows: [], columns: [], rowCount: 0, lastInsertId: null }),
    async *stream() {},
    cancel: async () => {},
    ping: async () => {},
    reset: () => true,
    close: async () => {},
    onLost: () => {},
  };
}

class NowhereDatabase extends Database {
  constructor(options: ConnectionOptions, found: Founder = direct) {
    super(found({ dialect: postgresql, drivers: [nowhere] }, options, "NowhereDatabase"));
  }
}

const PooledNowhere = withPool(NowhereDatabase);

/** `withConnection` as users call it, its async context included. */
export function withConnection(max = CONNECTIONS): Fakes {
  const db = new PooledNowhere({ host: "nowhere", ...options(max) });
  return { with: (fn) => db.withConnection((conn) => fn(conn.raw as Fake)) };
}

/** `connect()` and `close()`: the form without a function. */
export function connectAndClose(max = CONNECTIONS): Fakes {
  const db = new PooledNowhere({ host: "nowhere", ...options(max) });
  return {
    with: (fn) =>
      db.context(async () => {
        const conn = await db.connect();
        try {
          await fn(conn.raw as Fake);
        } finally {
          await conn.close();
        }
      }),
  };
}
