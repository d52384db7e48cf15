import { EventEmitter } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { peer } from "../harness/peers.ts";
import { CONNECTIONS, Fake, type Fakes } from "./fake.ts";

// Each with its defaults, except that it may have ten connections and opens none ahead.

interface Tarn {
  Pool: new (options: object) => { acquire(): { promise: Promise<Fake> }; release(fake: Fake): boolean };
}

export async function tarn(most = CONNECTIONS): Promise<Fakes> {
  const { Pool } = await peer<Tarn>("tarn");
  const pool = new Pool({ create: async () => new Fake(), destroy: () => {}, min: 0, max: most });
  return {
    async with(fn) {
      const fake = await pool.acquire().promise;
      try {
        await fn(fake);
      } finally {
        pool.release(fake);
      }
    },
  };
}

interface GenericPool {
  createPool(
    factory: object,
    options: object,
  ): { acquire(): PromiseLike<Fake>; release(fake: Fake): PromiseLike<void> };
}

export async function genericPool(most = CONNECTIONS): Promise<Fakes> {
  const { createPool } = await peer<GenericPool>("generic-pool");
  const pool = createPool({ create: async () => new Fake(), destroy: async () => {} }, { max: most });
  return {
    async with(fn) {
      const fake = await pool.acquire();
      try {
        await fn(fake);
      } finally {
        await pool.release(fake);
      }
    },
  };
}

interface LightningPool {
  Pool: new (
    factory: object,
    options: object,
  ) => { start(): void; acquire(): Promise<Fake>; release(fake: Fake): void };
}

export async function lightningPool(most = CONNECTIONS): Promise<Fakes> {
  const { Pool } = await peer<LightningPool>("lightning-pool");
  // By default it refuses callers beyond a thousand; asked for more, it lets them wait.
  const options = { max: most, maxQueue: 1_000_000 };
  const pool = new Pool({ create: async () => new Fake(), destroy: async () => {} }, options);
  pool.start();
  return {
    async with(fn) {
      const fake = await pool.acquire();
      try {
        await fn(fake);
      } finally {
        pool.release(fake);
      }
    },
  };
}

/** As much of pg's client as its pool looks at. */
class FakeClient extends EventEmitter {
  readonly fake = new Fake();
  readonly _queryable = true;
  readonly _ending = false;

  connect(done: (error?: Error) => void): void {
    process.nextTick(done);
  }

  isConnected(): boolean {
    return true;
  }

  ref(): void {}

  unref(): void {}

  end(done?: () => void): void {
    done?.();
  }
}

type PgPool = new (options: object) => { connect(): Promise<FakeClient & { release(): void }> };

export async function pgPool(most = CONNECTIONS): Promise<Fakes> {
  const Pool = await peer<PgPool>("pg-pool");
  const pool = new Pool({ Client: FakeClient, max: most });
  return {
    async with(fn) {
      const client = await pool.connect();
      try {
        await fn(client.fake);
      } finally {
        client.release();
      }
    },
  };
}

interface MySQL2 {
  createServer(): {
    readonly _server: Server;
    on(event: "connection", fn: (connection: Handshaking) => void): void;
    listen(port: number, host: string, done: () => void): void;
  };
  createPool(options: object): { promise(): { getConnection(): Promise<Lent> } };
}

interface Handshaking extends EventEmitter {
  serverHandshake(options: object): void;
}

interface Lent {
  readonly connection: { fake?: Fake };
  release(): void;
}

/** Its pool makes its own connections, so these are real ones, to a server in this process that only shakes hands. */
export async function mysql2Pool(most = CONNECTIONS): Promise<Fakes> {
  const { createServer, createPool } = await peer<MySQL2>("mysql2");
  const server = createServer();
  server.on("connection", (connection) => {
    connection.on("error", () => {});
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: "5.7.0",
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff,
      authCallback: (_: unknown, done: (error: null) => void) => done(null),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server._server.address() as AddressInfo;
  const options = { host: "127.0.0.1", port, user: "nobody", connectionLimit: most };
  const pool = createPool(options).promise();
  return {
    async with(fn) {
      const lent = await pool.getConnection();
      lent.connection.fake ??= new Fake();
      try {
        await fn(lent.connection.fake);
      } finally {
        lent.release();
      }
    },
  };
}
