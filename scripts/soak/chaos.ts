/**
 * A pool under all faults together for a long time: `node --conditions=apocryphan-source scripts/soak/chaos.ts [seconds]
 * [client] [seed]`, by default five minutes (or `APOCRYPHAN_SOAK_SECONDS`) on PostgreSQL by `pg`. Ends with 1 where a promise
 * was broken, and prints the seed that draws the same faults again.
 */
import { ABOVE, runChaos } from "../../test/fault/chaos/chaos.ts";
import { CLIENTS } from "../../test/fault/support.ts";

const seconds = Number(process.argv[2] ?? process.env.APOCRYPHAN_SOAK_SECONDS ?? 300);
const name = process.argv[3] ?? "pg";
// A database stands for the first of its clients.
const way = CLIENTS.find(({ kind, client }) => client === name || kind === name);
const seed = Number(process.argv[4] ?? Date.now() % 1e9);
if (way === undefined || !(seconds > 0)) {
  console.error(`Takes a number of seconds and one of ${CLIENTS.map(({ client }) => client).join(", ")}.`);
  process.exit(2);
}

console.log(`${way.client} for ${seconds} s, seed ${seed}`);
const { ledger, faults, most, above, max, handles, connects } = await runChaos({
  ...way,
  seconds,
  contexts: 200,
  seed,
  tell: console.log,
});
console.log({
  faults,
  connects,
  most,
  max,
  handles,
  asked: ledger.asked,
  done: ledger.done,
  refused: ledger.refused,
});
const broken = [...ledger.faults];
if (ledger.asked !== ledger.answered) broken.push(`${ledger.asked - ledger.answered} callers had no answer`);
if (above > ABOVE[way.kind])
  broken.push(`the server had up to ${most} sessions of ${max}, for ${Math.round(above)} ms`);
if (handles.after > handles.before) broken.push(`${handles.after - handles.before} handles more than before`);
for (const line of broken) console.error(line);
process.exitCode = broken.length === 0 ? 0 : 1;
