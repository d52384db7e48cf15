import { AbortError, ConnectError, ConnectionLostError } from "../base/error.ts";
import { unprintable } from "../base/secret.ts";
import type { Dialect, FailureCode } from "../dialect/dialect.ts";
import type { FailureKind } from "../dialect/failure.ts";
import type { Target } from "./driver.ts";
import { DatabaseError } from "./errors.ts";

/**
 * Milliseconds of silence after which the operating system asks whether the other side is still there; Node.js then gives
 * it ten seconds (https://nodejs.org/api/net.html#socketsetkeepaliveenable-initialdelay). The system's own default is two
 * hours, for which a statement without a timeout would wait for a server that has vanished.
 */
export const TCP_KEEPALIVE = 10_000;

/** Where a target is, in words: `localhost:5432`, a socket's path or a file. */
export function endpoint(target: Pick<Target, "host" | "port" | "socketPath">): string {
  if (target.socketPath !== undefined) return target.socketPath;
  return `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
}

/** What to do about a failed connect, by the failure's kind. */
const ADVICE: Partial<Record<FailureKind, string>> = {
  authentication: "the user or the password was refused. Check both.",
  noDatabase: "there is no such database. Create it, or correct its name.",
  permission: "this user may not use that database. Grant it, or use another user.",
  tooManyConnections: "the server has no connection left. Lower maxConnections, or raise the server's limit.",
  starting: "the server is starting up or shutting down. Try again in a moment.",
  shutdown: "the server is shutting down. Try again when it is up.",
};

/** What to do about a failed connect, by the operating system's code. */
const NETWORK_ADVICE: Record<string, string> = {
  ECONNREFUSED: "nothing listens there. Is the server running, and is the port right?",
  ENOTFOUND: "that host name is not known. Check its spelling and the DNS.",
  EAI_AGAIN: "the DNS did not answer. Check the host name and the network.",
  ENOENT: "there is no socket at that path. Is the server running?",
  ETIMEDOUT: "there was no answer. Check the network and its firewalls.",
  ECONNRESET:
    "the connection was closed before the server said hello. Is it the right port, and is the server up?",
};

/** A connect's failure as `ConnectError`. `reason` is said where neither a code nor a kind explains it. */
export function connectFailure(
  dialect: Dialect,
  target: Target,
  seen: FailureCode & { readonly driverError: unknown; readonly reason?: string },
): ConnectError {
  const code = seen.sqlState ?? seen.name ?? seen.errno;
  const advice =
    NETWORK_ADVICE[seen.name ?? ""] ??
    ADVICE[dialect.classify(seen).kind] ??
    seen.reason ??
    "the connection could not be made.";
  const whom = target.user === undefined ? "" : ` as user "${target.user}"`;
  const what = target.database === undefined ? "" : `, database "${target.database}"`;
  return new ConnectError(
    `Could not connect to ${dialect.title} at ${endpoint(target)}${whom}${what}: ${advice}${code === undefined ? "" : ` [${code}]`}`,
    { cause: unprintable(seen.driverError, `${dialect.title} driver error ${code ?? ""}`.trim()) },
  );
}

/** A connect that took longer than `connectTimeout`. */
export function connectTimedOut(dialect: Dialect, target: Target): ConnectError {
  return new ConnectError(
    `Could not connect to ${dialect.title} at ${endpoint(target)}: no answer within ${target.connectTimeout} ms. Check the network and the server's load, or raise connectTimeout.`,
  );
}

/**
 * The password for one attempt to connect. A function that is asked for it belongs to the attempt: it ends with it.
 *
 * @throws AbortError, ConnectError (what the function threw is its cause)
 */
export function passwordOf(
  dialect: Dialect,
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { password, connectTimeout } = target;
  if (typeof password !== "function") return Promise.resolve(password);
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const refuse = (error: Error): void => {
      over();
      reject(error);
    };
    const onAbort = (): void => refuse(new AbortError("A connect", { cause: signal.reason }));
    const timer = setTimeout(() => refuse(connectTimedOut(dialect, target)), connectTimeout);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    Promise.resolve()
      .then(password)
      .then(
        (given: unknown) => {
          over();
          // A client given anything else throws where nobody can catch it.
          if (given === undefined || typeof given === "string") resolve(given);
          else {
            const reason = `the password function gave a value of type ${typeof given} instead of a string.`;
            reject(connectFailure(dialect, target, { driverError: undefined, reason }));
          }
        },
        (error: unknown) => {
          const reason = "the password function failed; what it threw is the cause.";
          refuse(connectFailure(dialect, target, { driverError: error, reason }));
        },
      );
  });
}

/**
 * A connection that is of no use any more. `cause` is the client's error, or the `DatabaseError` that made it unfit.
 */
export function lostConnection(dialect: Dialect, target: Target, cause?: Error): ConnectionLostError {
  const where = `The connection to ${dialect.title} at ${endpoint(target)}`;
  if (cause instanceof DatabaseError) {
    const code = cause.sqlState ?? cause.errno;
    const why =
      cause.kind === "readOnly"
        ? "the server takes no writes, as after a failover"
        : "the server said that it can't go on";
    return new ConnectionLostError(
      `${where} was given up [${code}]: ${why}. Connect again, and run again what was not committed.`,
      { cause },
    );
  }
  const { code } = (cause ?? {}) as { code?: string };
  return new ConnectionLostError(
    `${where} is gone${code ? ` [${code}]` : ""}: the server or the network closed it. Whether a statement that was under way took effect is not known. Connect again.`,
    cause === undefined
      ? undefined
      : { cause: unprintable(cause, `${dialect.title} driver error ${code ?? ""}`.trim()) },
  );
}
