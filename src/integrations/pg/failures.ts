import { ConnectError } from "../../base/error.ts";
import { MaxConnectionsExceededError } from "../../pool/errors.ts";

/**
 * A failure to get a client, as programs written for `pg` know it: pg's own errors as they came, and pg-pool's own words,
 * which programs match, for those of the pool.
 */
export function inPgWords(error: unknown): unknown {
  if (error instanceof MaxConnectionsExceededError && error.code === "POOL_EXHAUSTED") {
    // While a place is free, the caller waited for the server and not for a holder.
    return error.inUse < error.max ? connectTimeout(error) : queueTimeout(error);
  }
  if (!(error instanceof ConnectError)) return error;
  const { cause } = error;
  if (cause === undefined) return connectTimeout(error);
  return cause instanceof Error && cause.message === "timeout expired" ? connectTimeout(cause) : cause;
}

function queueTimeout(cause: unknown): Error {
  return new Error("timeout exceeded when trying to connect", { cause });
}

function connectTimeout(cause: unknown): Error {
  return new Error("Connection terminated due to connection timeout", { cause });
}
