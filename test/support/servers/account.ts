import { execFileSync } from "node:child_process";

/** The operating-system account that servers run under; empty where it is our own. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

let found: Account | undefined;

/** Database servers refuse to run as root; so there they run as `nobody`, elsewhere as whoever runs the tests. */
export function account(): Account {
  if (found) return found;
  if (process.getuid?.() !== 0) {
    found = {};
  } else {
    const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
    found = { uid: id("-u"), gid: id("-g") };
  }
  return found;
}
