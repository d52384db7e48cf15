import type { PoolStats } from "../../pool.ts";

/** A metric that is read from the pool's numbers. */
interface Read {
  readonly name: string;
  readonly help: string;
  readonly of: keyof PoolStats;
}

/** What a connection can be doing, and the number of those that are. */
export const STATES: readonly (readonly [state: string, field: keyof PoolStats])[] = [
  ["idle", "idle"],
  ["used", "inUse"],
  ["connecting", "connecting"],
  ["closing", "closing"],
];

export const GAUGES: readonly Read[] = [
  { name: "pool_connections_max", help: "How many connections there may be (maxConnections).", of: "max" },
  { name: "pool_connections_min", help: "How many connections are kept open (minConnections).", of: "min" },
  { name: "pool_waiting", help: "Callers who wait for a connection now.", of: "waiting" },
];

export const COUNTERS: readonly Read[] = [
  { name: "pool_acquired_total", help: "Connections lent.", of: "acquired" },
  { name: "pool_released_total", help: "Connections given back or taken away.", of: "released" },
  { name: "pool_waited_total", help: "Callers who had to wait.", of: "waited" },
  {
    name: "pool_timeouts_total",
    help: "Callers whose timeout passed before they got a connection.",
    of: "timeouts",
  },
  { name: "pool_refused_total", help: "Callers refused a connection for any other reason.", of: "refused" },
  { name: "pool_aborted_total", help: "Callers who gave up waiting by their signal.", of: "aborted" },
  { name: "pool_connects_total", help: "Connections opened.", of: "connects" },
  { name: "pool_connect_errors_total", help: "Attempts to connect that failed.", of: "connectErrors" },
  { name: "pool_closes_total", help: "Connections closed.", of: "closes" },
  { name: "pool_leaks_total", help: "Connections held longer than leakTimeout.", of: "leaks" },
];

/** Words that statements begin with. Others are one series together, since a program may send anything. */
const OPERATIONS = new Set(
  "select insert update delete merge replace values with call begin start commit rollback savepoint release set show create alter drop truncate copy listen notify lock analyze vacuum explain pragma".split(
    " ",
  ),
);

/** What a statement does, as a label with few values. */
export function operationOf(summary: string): string {
  const [word = ""] = summary.toLowerCase().split(" ", 1);
  return OPERATIONS.has(word) ? word : "other";
}
