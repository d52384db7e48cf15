import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePoolOptions } from "../../../src/pool/options.ts";
import { Pool } from "../../../src/pool/pool.ts";
import { FakeClock, FakeResource, loans, settle } from "./support.ts";

test("`idleTimeout` leaves alone as many as `idleFloor` says, and none is opened to have so many", async () => {
  const clock = new FakeClock();
  const options = { ...parsePoolOptions({ maxConnections: 3, idleTimeout: 1, maxUses: 2 }), idleFloor: 1 };
  const pool = new Pool(new FakeResource(), options, { clock });
  await settle();
  assert.equal(pool.stats().open, 0, "none is opened ahead");
  for (const loan of await loans(pool, 3)) pool.release(loan);
  await clock.advance(5000);
  assert.equal(pool.stats().open, 1);
  pool.release(await pool.acquire());
  await clock.advance(5000);
  assert.equal(pool.stats().open, 0, "one that is worn is not replaced");
});
