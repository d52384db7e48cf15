/**
 * Tries the machine with random histories until one breaks a promise: `node trial.ts [histories]`. Ends with 1 where one
 * does. Run on its own, so that a copy of the tree with a planted fault can be tried, also one that never ends.
 */
import { explore } from "./explore.ts";
import { play } from "./history.ts";

const NEVER = Number.POSITIVE_INFINITY;
const histories = Number(process.argv[2] ?? 2000);

try {
  for (let seed = 1; seed <= histories; seed++) play(seed, 150);
  const bounds = {
    staleTimeout: NEVER,
    maxLifetime: NEVER,
    idleTimeout: NEVER,
    maxUses: NEVER,
    keepalive: NEVER,
  };
  explore(
    {
      ...bounds,
      maxConnections: 2,
      minConnections: 0,
      validate: "never",
      maxWaiting: NEVER,
      connectConcurrency: 2,
      leakTimeout: NEVER,
    },
    { faults: 1, pauses: 0, owner: 0 },
  );
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
