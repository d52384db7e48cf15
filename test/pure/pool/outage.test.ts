import assert from "node:assert/strict";
import { test } from "node:test";
import { ApocryphanError, ConnectError, OptionError } from "../../../src/base/error.ts";
import { MaxConnectionsExceededError } from "../../../src/pool/errors.ts";
import { FakeResource, gate, rig, seededChance, settle, watch } from "./support.ts";

const refused = async (): Promise<never> => {
  throw new ConnectError("The server at localhost:5432 refused the connection.");
};

test("without a timeout, a failed connect is the caller's ConnectError at once", async () => {
  const { pool, resource } = rig();
  resource.opens = refused;
  await assert.rejects(async () => pool.acquire(), {
    name: "ConnectError",
    code: "CONNECT_FAILED",
    message: "The server at localhost:5432 refused the connection. (CONNECT_FAILED)",
  });
  assert.deepEqual([pool.stats().open, pool.stats().connecting, pool.stats().connectErrors], [0, 0, 1]);
});

test("an error of the driver's own becomes the cause of a ConnectError", async () => {
  const { pool, resource } = rig();
  const cause = new Error("ECONNREFUSED");
  resource.opens = () => Promise.reject(cause);
  await assert.rejects(
    async () => pool.acquire(),
    (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.cause, cause);
      return true;
    },
  );
});

test("each of several callers without a timeout is answered, by one attempt or another", async () => {
  const { pool, resource } = rig();
  resource.opens = refused;
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => pool.acquire()));
  assert.ok(results.every((r) => r.status === "rejected" && r.reason instanceof ConnectError));
  assert.ok(resource.attempts <= 4, `${resource.attempts} attempts`);
});

test("one failed attempt among several is one caller's", async () => {
  const { pool, resource } = rig();
  resource.opens = () => (resource.attempts === 2 ? refused() : Promise.resolve());
  const results = await Promise.allSettled(Array.from({ length: 4 }, () => pool.acquire()));
  assert.equal(results.filter((r) => r.status === "rejected").length, 1);
});

test("also where only two are under way", async () => {
  const { pool, resource } = rig();
  const door = gate();
  resource.opens = () => (resource.attempts === 1 ? refused() : door.promise);
  const [first, second] = [watch(pool.acquire()), watch(pool.acquire())];
  await settle();
  assert.deepEqual([first.state, second.state], ["rejected", "pending"]);
  door.open();
  await settle();
  assert.equal(second.state, "fulfilled");
});

test("a failed attempt leaves alone a statement that another statement's connection will serve", async () => {
  const { pool, resource, clock } = rig({ maxConnections: 2 });
  const loan = await pool.acquire({ brief: true });
  resource.opens = refused;
  const statement = watch(pool.acquire({ brief: true }));
  await clock.advance(30);
  assert.equal(resource.attempts, 2);
  assert.equal(statement.state, "pending");
  pool.release(loan);
  await settle();
  assert.equal(statement.state, "fulfilled");
});

test("a second caller without a timeout is owed an attempt, and finds the server that came back", async () => {
  const { pool, resource } = rig();
  resource.opens = refused;
  await assert.rejects(async () => pool.acquire());
  resource.opens = async () => undefined;
  assert.equal((await pool.acquire()).item.id, 1);
});

test("when three attempts in a row have failed, callers without a timeout get the last error until the next is due", async () => {
  const { pool, resource, clock } = rig();
  resource.opens = refused;
  for (let i = 0; i < 20; i++) await assert.rejects(async () => pool.acquire(), ConnectError);
  assert.equal(resource.attempts, 3);
  await clock.advance(225);
  await assert.rejects(async () => pool.acquire(), ConnectError);
  assert.equal(resource.attempts, 4);
});

test("with a timeout, connecting is tried again until it has passed, and the last error is the cause", async () => {
  const { pool, resource, clock } = rig({ timeout: 1 });
  resource.opens = refused;
  const caller = watch(pool.acquire());
  await clock.advance(999);
  assert.equal(caller.state, "pending");
  assert.ok(resource.attempts >= 4 && resource.attempts <= 6, `${resource.attempts} attempts`);
  await clock.advance(1);
  assert.ok(caller.error instanceof MaxConnectionsExceededError);
  assert.ok(caller.error.cause instanceof ConnectError);
  assert.match(caller.error.message, /The last attempt to connect failed: The server at localhost:5432/);
});

test("an outage with many waiting is probed by one every 150 to 250 ms, and service resumes by itself", async () => {
  const chance = seededChance(7);
  const { pool, resource, clock } = rig({ timeout: 60 }, { chance });
  const starts: number[] = [];
  resource.opens = () => {
    starts.push(clock.now());
    return refused();
  };
  const callers = Array.from({ length: 200 }, () => watch(pool.acquire()));
  await clock.advance(3000);
  assert.ok(resource.attempts <= 20, `${resource.attempts} attempts in three seconds`);
  const pauses = starts.slice(4).map((at, i) => at - (starts[i + 3] ?? 0));
  assert.ok(
    pauses.every((pause) => pause >= 150 && pause <= 250),
    `pauses of ${pauses.map(Math.round)} ms`,
  );
  resource.opens = async () => undefined;
  await clock.advance(250);
  assert.ok(
    callers.some((fate) => fate.state === "fulfilled"),
    "nobody was served 250 ms after the server was back",
  );
  assert.equal(callers.filter((fate) => fate.state === "rejected").length, 0);
  assert.equal(resource.opened, 20);
});

test("a server that accepts and closes for three seconds sees at most twenty attempts, whatever chance says", async () => {
  for (let seed = 0; seed < 50; seed++) {
    const { pool, resource, clock } = rig({ timeout: 60 }, { chance: seededChance(seed) });
    resource.opens = refused;
    const caller = Array.from({ length: 50 }, () => watch(pool.acquire()));
    await clock.advance(3000);
    assert.ok(resource.attempts <= 20, `${resource.attempts} attempts`);
    assert.equal(caller[0]?.state, "pending");
  }
});

test("with nobody waiting, what the minimum needs is tried ever more rarely, and not in vain", async () => {
  const { pool, resource, clock } = rig({ minConnections: 2 });
  resource.opens = refused;
  await clock.advance(1);
  const { pool: other, resource: down, clock: time } = rig({ minConnections: 2 }, {}, downResource());
  await time.advance(120_000);
  assert.ok(down.attempts >= 8 && down.attempts <= 16, `${down.attempts} attempts in two minutes`);
  down.opens = async () => undefined;
  await time.advance(30_000);
  assert.equal(other.stats().idle, 2);
  assert.equal(pool.stats().idle, 2);
});

function downResource(): FakeResource {
  const resource = new FakeResource();
  resource.opens = refused;
  return resource;
}

test("an error that says it will last is everybody's at once, timeout or not", async () => {
  class DriverMissing extends ApocryphanError {
    constructor() {
      super("DRIVER_MISSING", 'The package "pg" is not installed. Run: npm install pg');
    }
  }
  const resource = new FakeResource();
  resource.lasting = (error) => error instanceof DriverMissing;
  resource.opens = () => Promise.reject(new DriverMissing());
  const { pool, clock } = rig({ timeout: 0 }, {}, resource);
  await assert.rejects(async () => pool.acquire(), DriverMissing);
  resource.opens = () => Promise.reject(new OptionError("ssl", "The option is wrong."));
  const next = watch(pool.acquire({ timeout: 5000 }));
  await clock.advance(225);
  assert.ok(next.error instanceof OptionError);
});

test("an attempt that does not end is given up, and its place is free only when it has ended", async () => {
  const { pool, resource, clock } = rig({ maxConnections: 1, connectTimeout: 2 });
  let given: AbortSignal | undefined;
  let end = (): void => undefined;
  resource.opens = (signal) => {
    given = signal;
    return new Promise((_, reject) => {
      end = () => reject(new Error("ended"));
    });
  };
  const caller = watch(pool.acquire());
  await clock.advance(2050);
  assert.equal(given?.aborted, true);
  assert.ok(caller.error instanceof ConnectError);
  assert.match(caller.error.message, /gave up opening a connection after 2000 ms/);
  assert.equal(pool.stats().closing, 1);
  const next = watch(pool.acquire());
  await clock.advance(1000);
  assert.equal(resource.attempts, 1);
  end();
  await settle();
  assert.equal(resource.attempts, 2);
  assert.equal(next.state, "pending");
});

test("an attempt that opens after it was given up is closed, and never lent", async () => {
  const { pool, resource, clock } = rig({ maxConnections: 1, connectTimeout: 1 });
  let open = (): void => undefined;
  resource.opens = () =>
    new Promise((resolve) => {
      open = () => resolve(undefined);
    });
  const caller = watch(pool.acquire());
  await clock.advance(1050);
  assert.equal(caller.state, "rejected");
  open();
  await settle();
  assert.deepEqual([resource.opened, resource.closed, resource.alive], [1, 1, 0]);
  assert.equal(pool.stats().open, 0);
});

test("a connection that comes back serves callers during an outage", async () => {
  const { pool, resource, clock } = rig({ timeout: 5 });
  const loan = await pool.acquire();
  resource.opens = refused;
  const caller = watch(pool.acquire());
  await clock.advance(500);
  assert.equal(caller.state, "pending");
  pool.release(loan);
  await settle();
  assert.equal(caller.state, "fulfilled");
});

test("for a minimum alone, a server that is down is probed after 200 ms, then 400, 800, and at last each 30 s", async () => {
  const { resource, clock } = rig({ minConnections: 1 }, {}, downResource());
  const at: number[] = [];
  const began = clock.now();
  let seen = 1;
  while (at.length < 10) {
    await clock.advance(25);
    if (resource.attempts === seen) continue;
    seen = resource.attempts;
    at.push(clock.now() - began);
  }
  const pauses = at.map((time, i) => time - (at[i - 1] ?? 0));
  assert.deepEqual(pauses, [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
});

test("in the very moment in which the server may be probed, who has no timeout is owed the attempt", async () => {
  const { pool, resource, clock } = rig();
  resource.opens = refused;
  for (let i = 0; i < 3; i++) await assert.rejects(async () => pool.acquire());
  await clock.advance(199);
  await assert.rejects(async () => pool.acquire());
  assert.equal(resource.attempts, 3);
  resource.opens = async () => undefined;
  await clock.advance(1);
  await pool.acquire();
  assert.equal(resource.attempts, 4);
});
