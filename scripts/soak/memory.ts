/**
 * Whether anything is left of a million acquisitions: `node --conditions=apocryphan-source scripts/soak/memory.ts [count]
 * [database]`. Ends with 1 where memory or handles grow.
 */
import { grow, PASSING } from "../../test/fault/growth/growth.ts";
import { SERVERS, type ServerKind } from "../../test/fault/support.ts";

const count = Number(process.argv[2] ?? 1e6);
const kind = (process.argv[3] ?? "postgresql") as ServerKind;
if (!SERVERS.includes(kind) || !(count > 0)) {
  console.error(`Takes a number of acquisitions and one of ${SERVERS.join(", ")}.`);
  process.exit(2);
}

const began = performance.now();
const { before, after, acquired } = await grow(kind, count, (line) => console.log(line));
const seconds = (performance.now() - began) / 1000;
const bytes = after.bytes - before.bytes;
console.log(
  `${kind}: ${acquired} acquisitions in ${seconds.toFixed(0)} s; ${(bytes / 1e6).toFixed(2)} MB more, ${after.handles - before.handles} handles and ${after.descriptors - before.descriptors} descriptors more`,
);
// A tenth of them came before the first look; a byte kept of each of the others would be told.
const more = Math.max(after.handles - before.handles, after.descriptors - before.descriptors);
if (bytes > count || more > PASSING) process.exitCode = 1;
