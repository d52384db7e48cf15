import { chownSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { account } from "./account.ts";
import { owner } from "./owner.ts";

/** What the name of every temporary folder begins with; nothing else is ever removed. */
export const PREFIX = "apo-";

/** A Unix socket's path may have 107 bytes; a folder beyond this many leaves too few for the rest. */
const LONGEST_PARENT = 48;

/**
 * A new folder with a short path, which the servers' account owns, and which is gone when this process is,
 * however that ends.
 */
export function temporaryFolder(): string {
  const parent = realpathSync(tmpdir());
  const path = mkdtempSync(join(parent.length > LONGEST_PARENT ? "/tmp" : parent, PREFIX));
  owner.tell({ op: "folder", path });
  own(path);
  return path;
}

/** Writes a file that the servers' account owns. */
export function writeOwned(path: string, text: string): void {
  writeFileSync(path, text);
  own(path);
}

function own(path: string): void {
  const { uid, gid } = account();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** Removes a folder that `temporaryFolder` made. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  owner.tell({ op: "removed", path });
}
