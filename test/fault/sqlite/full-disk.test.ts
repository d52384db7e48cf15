import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { POOLED_WAYS } from "../../database/sqlite/open.ts";
import { removeFolder, temporaryFolder } from "../../support/servers/folder.ts";

const PROGRAM = join(import.meta.dirname, "../children/full-disk.ts");

/**
 * Ways to give a program a small disk of its own, which is gone when the program is: as root, and as anybody where the system
 * lets everybody have namespaces. https://man7.org/linux/man-pages/man1/unshare.1.html
 */
const ALONE = [
  ["unshare", "--mount"],
  ["unshare", "--map-root-user", "--mount"],
];

/** Runs a command with a disk of 4 MB at `folder`. */
function withSmallDisk(way: readonly string[], folder: string, command: readonly string[]) {
  const script = `mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"`;
  const [program = "", ...args] = [...way, "sh", "-c", script, folder, ...command];
  return spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
}

for (const { title, options } of POOLED_WAYS) {
  test(`on a disk that fills up nothing is lost, and all goes on once there is room, ${title}`, (t) => {
    const folder = temporaryFolder();
    t.after(() => removeFolder(folder));
    const way = ALONE.find((each) => withSmallDisk(each, folder, ["true"]).status === 0);
    if (way === undefined) {
      t.diagnostic("no disk can be mounted here; broken-files.test.ts limits the file's pages instead");
      return;
    }
    const command = [
      process.execPath,
      "--conditions=apocryphan-source",
      PROGRAM,
      folder,
      JSON.stringify(options),
    ];
    const { status, stdout, stderr } = withSmallDisk(way, folder, command);
    assert.equal(status, 0, stderr);
    t.diagnostic(stdout.trim());
  });
}
