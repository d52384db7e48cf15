import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "apocryphan";
import { openPooled } from "../support/open.ts";

test("what connect, withConnection and atomic have no use for is refused, and takes no connection", async (t) => {
  const db = await openPooled("sqlite", t, { maxConnections: 1 });
  const nothing = () => {};
  const refused: [() => Promise<unknown>, RegExp][] = [
    [() => db.connect({ timeout: 5 } as never), /connect has no option "timeout".*the pool's timeout/],
    [() => db.connect({ signl: undefined } as never), /Did you mean "signal"\?/],
    [() => db.connect({ signal: 5 } as never), /"signal" takes an AbortSignal/],
    [() => db.connect(null as never), /an object such as/],
    [() => db.withConnection(nothing, { frsh: true } as never), /no option "frsh". Did you mean "fresh"\?/],
    [() => db.withConnection(nothing, { fresh: 1 } as never), /"fresh" takes true or false/],
    [() => db.withConnection(undefined as never), /takes a function/],
    [() => db.withConnection((conn) => conn.atomic(undefined as never)), /atomic takes a function/],
    [() => db.withConnection((conn) => conn.atomic(nothing, null as never)), /an object such as/],
  ];
  for (const [call, says] of refused) {
    await assert.rejects(call, (error) => error instanceof OptionError && says.test(error.message));
    assert.equal(db.stats().inUse, 0);
  }
  assert.deepEqual(await db.withConnection((conn) => conn.get`select 1 as one`), { one: 1 });
});

test("a limit longer than Node.js's timers reach does not end at once", async (t) => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  t.after(() => void process.off("warning", onWarning));
  const db = await openPooled("sqlite", t, {
    connectTimeout: "9999h",
    timeout: "9999h",
    idleTimeout: "9999h",
  });
  const slow = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 300000) select count(*) as n from n`;
  await db.withConnection(async () => {
    const all = await Promise.all([db.get(slow, { timeout: "9999h" }), db.get(slow, { timeout: 1e9 })]);
    assert.deepEqual(all, [{ n: 300_000 }, { n: 300_000 }]);
    for await (const row of db.cursor(slow, { timeout: "9999h" })) assert.deepEqual(row, { n: 300_000 });
  });
  assert.deepEqual(warnings, []);
});
