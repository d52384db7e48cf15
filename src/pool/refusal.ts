import { ConnectionLostError } from "../base/error.ts";
import {
  type Exhaustion,
  MaxConnectionsExceededError,
  PoolClosedError,
  PoolDeadlockError,
} from "./errors.ts";
import type { CloseReason, Refusal } from "./orders.ts";

/** The error for somebody who is refused; `unreachable` has one of its own, the last failure to connect. */
export function refusalError(
  pool: string,
  why: Exclude<Refusal, "unreachable">,
  numbers: Exhaustion,
  connectError: Error | undefined,
): Error {
  const { max, inUse, connecting, waiting, waited } = numbers;
  const state = `${inUse} of ${max} are in use, ${connecting} being opened, ${waiting} other callers waiting`;
  switch (why) {
    case "full":
      return new MaxConnectionsExceededError(
        `Pool "${pool}" has no connection to lend, and without the option "timeout" nobody waits for one: ${state}.${longest(numbers)} Give connections back sooner, raise "maxConnections", or set "timeout".`,
        numbers,
      );
    case "timeout":
      return new MaxConnectionsExceededError(
        `Pool "${pool}" lent no connection within ${Math.round(waited)} ms: ${state}.${longest(numbers)}${failing(connectError)} ${
          connectError === undefined
            ? 'Give connections back sooner, raise "maxConnections", or wait longer ("timeout").'
            : "See whether the server is up and can be reached."
        }`,
        numbers,
        { cause: connectError },
      );
    case "crowded":
      return new MaxConnectionsExceededError(
        `Pool "${pool}" lets nobody else wait, since the option "maxWaiting" is reached: ${state}.${longest(numbers)} Give connections back sooner, raise "maxConnections", or send fewer requests at once.`,
        numbers,
      );
    case "deadlock":
      return new PoolDeadlockError(
        `Pool "${pool}" can't lend another connection to a caller whose own enclosing scopes hold all ${max}: it would wait for itself.${longest(numbers)} Use the connection that is there, end the enclosing scope first, or raise "maxConnections".`,
        numbers,
      );
    case "closed":
      return new PoolClosedError(
        `Pool "${pool}" was closed, so nobody who waits for a connection gets one. Ask again, or close the pool after its last user.`,
      );
    case "draining":
      return new PoolClosedError(
        `Pool "${pool}" is draining or was drained, so it lends nothing any more. Stop taking new work before you drain it, or reopen it.`,
      );
  }
}

function longest({ holders }: Exhaustion): string {
  const [first] = holders;
  if (first === undefined) return "";
  const who = first.context === undefined ? "" : ` (${first.context})`;
  const traced = holders.filter((holder) => holder.stack !== undefined);
  const where = traced
    .map((holder) => `\n  held for ${seconds(holder.age)}, taken\n${holder.stack}`)
    .join("");
  const list = where === "" ? "" : ` The holders:${where}\n`;
  return ` The longest loan is ${seconds(first.age)} old${who}.${list}`;
}

function failing(error: Error | undefined): string {
  return error === undefined ? "" : ` The last attempt to connect failed: ${error.message}.`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** What a holder is told whose connection was taken away or died. */
export function lostError(why: CloseReason, held: number, cause: Error | undefined): Error {
  if (cause instanceof ConnectionLostError) return cause;
  const after = `after ${seconds(held)} in use`;
  const options = cause === undefined ? {} : { cause };
  switch (why) {
    case "held":
      return new ConnectionLostError(
        `The connection was closed by closeStale() ${after}. Give connections back sooner, or call closeStale() with a greater age.`,
      );
    case "closed":
      return new ConnectionLostError(
        `The connection was closed by closeAll() ${after}. Take another one; the pool can be used again.`,
      );
    case "drained":
      return new ConnectionLostError(
        `The connection was closed by drain() ${after}, since the time for giving it back was over.`,
      );
    default:
      return new ConnectionLostError(
        `The connection died ${after}${cause === undefined ? "" : ` (${cause.message})`}. Take another one, and run again what was not committed.`,
        options,
      );
  }
}
