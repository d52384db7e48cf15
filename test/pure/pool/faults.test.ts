import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLostError } from "../../../src/base/error.ts";
import { loans, rig, settle, type Thing, watch } from "./support.ts";

const broken = (): never => {
  throw new Error("broken");
};
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

test("an open that throws is a failed connect", async () => {
  const { pool, resource } = rig();
  resource.open = broken;
  await assert.rejects(async () => pool.acquire(), { code: "CONNECT_FAILED" });
  assert.equal(pool.stats().open, 0);
});

const resets: Record<string, () => boolean | Promise<boolean>> = {
  throws: broken,
  rejects: async () => broken(),
  "says no": () => false,
  "says no later": async () => false,
  "never ends": () => never(),
};

for (const [how, reset] of Object.entries(resets)) {
  test(`a connection whose reset ${how} is closed, and its place is free`, async () => {
    const { pool, resource, clock } = rig({ maxConnections: 1, timeout: 0 });
    const loan = await pool.acquire();
    resource.resets = reset;
    const released = watch(pool.release(loan));
    const next = watch(pool.acquire());
    await clock.advance(10_000);
    assert.equal(released.state, "fulfilled");
    assert.equal(next.state, "fulfilled");
    assert.notEqual(next.value?.item, loan.item);
    assert.deepEqual([resource.closed, resource.most], [1, 1]);
  });
}

test("a reset that takes its time keeps the connection for the first in line, and release waits for it", async () => {
  const { pool, resource } = rig({ maxConnections: 1, timeout: 0 });
  const loan = await pool.acquire();
  let finish = (_fit: boolean): void => undefined;
  resource.resets = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  const released = watch(pool.release(loan));
  const next = watch(pool.acquire());
  await settle();
  assert.deepEqual([released.state, next.state], ["pending", "pending"]);
  finish(true);
  await settle();
  assert.deepEqual([released.state, next.state], ["fulfilled", "fulfilled"]);
  assert.equal(next.value?.item, loan.item);
});

const closes: Record<string, (thing: Thing) => Promise<void>> = {
  throws: broken,
  rejects: async () => broken(),
  "never ends": () => never(),
};

for (const [how, close] of Object.entries(closes)) {
  test(`a close that ${how} frees the place, at the latest after connectTimeout`, async () => {
    const { pool, resource, clock } = rig({ maxConnections: 1, timeout: 0, connectTimeout: 3 });
    const loan = await pool.acquire();
    resource.close = close;
    const destroyed = watch(pool.destroy(loan));
    const next = watch(pool.acquire());
    await clock.advance(how === "never ends" ? 2999 : 0);
    assert.equal(next.state, how === "never ends" ? "pending" : "fulfilled");
    await clock.advance(1);
    assert.deepEqual([destroyed.state, next.state], ["fulfilled", "fulfilled"]);
  });
}

test("a connection whose look throws counts as dead, and another is lent", async () => {
  const { pool, resource } = rig();
  pool.release(await pool.acquire());
  resource.usable = (thing) => thing.id > 1 || broken();
  assert.equal((await pool.acquire()).item.id, 2);
  await settle();
  assert.equal(resource.closed, 1);
});

test("a resource that can't watch a connection loses it, not the caller", async () => {
  const { pool, resource } = rig();
  resource.onLost = broken;
  const loan = await pool.acquire();
  assert.ok(loan.lost instanceof ConnectionLostError);
  await settle();
  assert.equal(resource.alive, 0);
});

test("an idle connection that dies is closed, and never lent", async () => {
  const { pool, resource } = rig();
  const loan = await pool.acquire();
  pool.release(loan);
  loan.item.die(new Error("terminated"));
  await settle();
  assert.deepEqual([resource.closed, pool.stats().open], [1, 0]);
  assert.equal((await pool.acquire()).item.id, 2);
});

test("an idle connection whose socket is known to be closed is passed over, at once", async () => {
  const { pool } = rig();
  const [a, b] = await loans(pool, 2);
  assert.ok(a && b);
  pool.release(a);
  pool.release(b);
  b.item.alive = false;
  const next = pool.acquire();
  assert.ok(!(next instanceof Promise));
  assert.equal(next.item, a.item);
});

test("a connection that dies in use frees its place, and its holder is told why", async () => {
  const { pool, resource } = rig({ maxConnections: 1, timeout: 0 });
  const loan = await pool.acquire();
  const next = watch(pool.acquire());
  const cause = new Error("terminating connection due to administrator command");
  loan.item.die(cause);
  await settle();
  assert.ok(loan.lost instanceof ConnectionLostError);
  assert.equal(loan.lost.cause, cause);
  assert.match(loan.lost.message, /^The connection died after 0\.0 s in use \(terminating connection/);
  assert.equal(next.state, "fulfilled");
  await pool.release(loan);
  assert.deepEqual([resource.closed, resource.most, pool.stats().inUse], [1, 1, 1]);
});

test("a holder gets the driver's own ConnectionLostError as it is", async () => {
  const { pool } = rig();
  const loan = await pool.acquire();
  const own = new ConnectionLostError("The server closed the connection.");
  loan.item.die(own);
  assert.equal(loan.lost, own);
});

test("a connection that dies while it is being reset or closed changes nothing", async () => {
  const { pool, resource } = rig({ maxConnections: 1 });
  const loan = await pool.acquire();
  resource.resets = (thing) => {
    thing.die(new Error("died under the reset"));
    return true;
  };
  await pool.release(loan);
  await settle();
  loan.item.die(new Error("once more"));
  assert.deepEqual([resource.closed, pool.stats().open, pool.stats().idle], [1, 0, 0]);
});

test("what is retired is closed at once where it lies, when it comes back, or when it is there", async () => {
  const { pool, resource } = rig({ maxConnections: 4, timeout: 0 });
  const [a, b, c] = await loans(pool, 3);
  assert.ok(a && b && c);
  pool.release(a);
  let open = (): void => undefined;
  resource.opens = () =>
    new Promise((resolve) => {
      open = () => resolve(undefined);
    });
  pool.release(b);
  const d = await pool.acquire();
  const e = await pool.acquire();
  const f = watch(pool.acquire());
  pool.retire((thing) => thing.id !== 2);
  pool.release(c);
  await settle();
  assert.deepEqual(
    resource.things.map((thing) => thing.alive),
    [true, true, false],
  );
  open();
  await settle();
  assert.equal(resource.things[3]?.alive, false, "what was being opened was not retired");
  assert.equal(f.state, "pending");
  pool.release(d.item.id === 2 ? d : e);
  await settle();
  assert.equal(f.value?.item.id, 2);
  const rest = d.item.id === 2 ? e : d;
  await pool.release(rest);
  assert.equal(rest.item.alive, false);
});
