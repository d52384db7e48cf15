import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";

/** Who runs this: what goes into the log, and into the name under which a run's connections are seen on the server. */
export interface Who {
  /** The operating system's user; its number in a container that has no name for it. */
  readonly username: string;
  readonly hostname: string;
  readonly pid: number;
  /** One run of Rider; no two are alike. */
  readonly run: string;
}

/** The columns for both names in the log hold this many characters. */
const COLUMN = 128;

/** This process, as one new run. */
export function whoAmI(): Who {
  return {
    username: username().slice(0, COLUMN),
    hostname: hostname().slice(0, COLUMN),
    pid: process.pid,
    run: randomBytes(6).toString("hex"),
  };
}

function username(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that its /etc/passwd does not know.
    return process.env.USER ?? process.env.LOGNAME ?? `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** `"deploy@web-1, process 4711"`, for people. */
export function describe(who: Who): string {
  return `${who.username}@${who.hostname}, process ${who.pid}`;
}
