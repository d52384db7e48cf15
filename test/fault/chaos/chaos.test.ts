import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVERS } from "../support.ts";
import { runChaos } from "./chaos.ts";

const SECONDS = 10;
const seed = Number(process.env.APOCRYPHAN_SEED ?? Date.now() % 1e9);

for (const kind of SERVERS) {
  test(`${kind}: under all faults together 200 callers are each answered, and both sides count the same afterwards`, async (t) => {
    t.diagnostic(`APOCRYPHAN_SEED=${seed}`);
    const result = await runChaos({ kind, seconds: SECONDS, contexts: 200, seed });
    const { ledger, faults, most, above, handles, connects } = result;
    t.diagnostic(
      JSON.stringify({ ...ledger, committed: ledger.committed.length, rolledBack: ledger.rolledBack.length }),
    );
    t.diagnostic(JSON.stringify({ faults, most, above, handles, connects }));
    assert.deepEqual(ledger.faults, []);
    assert.equal(ledger.asked, ledger.answered);
    assert.ok(ledger.done > 200);
    assert.ok(handles.after <= handles.before, `${handles.before} handles before, ${handles.after} after`);
    // Where the network breaks, the server notices a moment later than the client; what the server ends itself is counted to the
    // last one in maximum.test.ts, and every way of closing in places.test.ts. MariaDB goes on with a statement whose
    // connection was cut, for as long as it takes, and keeps that connection as long.
    if (kind === "postgresql")
      assert.ok(above < 300, `the server had up to ${most} sessions for ${above} ms`);
  });
}
