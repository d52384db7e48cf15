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
    const { ledger, faults, most, max, handles, connects } = result;
    t.diagnostic(
      JSON.stringify({ ...ledger, committed: ledger.committed.length, rolledBack: ledger.rolledBack.length }),
    );
    t.diagnostic(JSON.stringify({ faults, most, handles, connects }));
    assert.deepEqual(ledger.faults, []);
    assert.equal(ledger.asked, ledger.answered);
    assert.ok(ledger.done > 200);
    assert.ok(handles.after <= handles.before, `${handles.before} handles before, ${handles.after} after`);
    // MariaDB goes on with a statement whose client is gone, and lists a session for longer than its connection is open.
    if (kind === "postgresql") assert.ok(most <= max, `the server saw ${most}`);
  });
}
