import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENTS } from "../support.ts";
import { ABOVE, runChaos } from "./chaos.ts";

const SECONDS = 10;
const seed = Number(process.env.APOCRYPHAN_SEED ?? Date.now() % 1e9);

for (const { kind, client } of CLIENTS) {
  test(`${client}: under all faults together 200 callers are each answered, and both sides count the same afterwards`, async (t) => {
    t.diagnostic(`APOCRYPHAN_SEED=${seed}`);
    const result = await runChaos({ kind, client, seconds: SECONDS, contexts: 200, seed });
    const { ledger, faults, most, max, above, handles, connects } = result;
    t.diagnostic(
      JSON.stringify({ ...ledger, committed: ledger.committed.length, rolledBack: ledger.rolledBack.length }),
    );
    t.diagnostic(JSON.stringify({ faults, most, above, handles, connects }));
    assert.deepEqual(ledger.faults, []);
    assert.equal(ledger.asked, ledger.answered);
    assert.ok(ledger.done > 200);
    assert.ok(handles.after <= handles.before, `${handles.before} handles before, ${handles.after} after`);
    // Counted on the server, those included whose client is gone.
    assert.ok(above <= ABOVE[kind], `the server had up to ${most} sessions of ${max} for ${above} ms`);
  });
}
