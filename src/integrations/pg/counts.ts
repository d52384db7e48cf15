import type { PoolStats } from "../../pool/stats.ts";
import type { Counts } from "./lender.ts";

/**
 * A pool's numbers in pg-pool's manner: a client that is being ended is gone, one that is to be opened for somebody is
 * there, and only those wait for whom there is no room.
 */
export function countsOf(stats: PoolStats): Counts {
  const { max, open, idle, inUse, connecting, closing, waiting } = stats;
  const standing = Math.min(open + connecting - closing, max);
  const room = max - inUse;
  return {
    total: Math.max(standing, Math.min(max, inUse + waiting)),
    idle,
    waiting: Math.max(0, waiting - room),
  };
}
