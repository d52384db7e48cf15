import { inspect } from "node:util";

/** What mysql2 says where a pool of its own was closed, and programs look for. */
export const CLOSED = "Pool is closed.";
const NONE = "No connections available.";
const CROWDED = "Queue limit reached.";

interface Told {
  readonly error: unknown;
  /** Whether its options are mysql2's, so that its refusals have to be too. */
  readonly own: boolean;
  readonly waitForConnections: boolean;
}

/** Why there is no connection, as mysql2 would say it: where its own error is the reason, that error. Ours is the `cause` of others. */
export function toldAsMysql2({ error, own, waitForConnections }: Told): Error {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (code === "POOL_CLOSED") return new Error(CLOSED, { cause: error });
  if (own && code === "POOL_EXHAUSTED")
    return new Error(waitForConnections ? CROWDED : NONE, { cause: error });
  if (code === "CONNECT_FAILED") {
    if (cause === undefined) return timedOut(error);
    if (cause instanceof Error && !(cause instanceof AggregateError)) return printable(cause);
  }
  return error as Error;
}

/** A connect that got no answer in time. */
function timedOut(cause: unknown): Error {
  const code = "ETIMEDOUT";
  const error = new Error(`connect ${code}`, { cause });
  return Object.assign(error, { errorno: code, code, syscall: "connect", fatal: true });
}

/** The driver's errors are kept from printing what they hold elsewhere; here they are what the program has always had. */
function printable(error: Error): Error {
  for (const key of [inspect.custom, "toJSON"]) {
    if (Object.getOwnPropertyDescriptor(error, key)?.configurable) Reflect.deleteProperty(error, key);
  }
  return error;
}
