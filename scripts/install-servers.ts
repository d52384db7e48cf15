/**
 * `npm run install-servers`: installs the programs that the tests start and npm does not bring: MariaDB and PgBouncer.
 * Does so where that needs no question asked: on Debian or Ubuntu, as root. Elsewhere it says what to install.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { find, hasMariaDB } from "../test/support/servers/mariadb.ts";
import { hasPgBouncer } from "../test/support/servers/pgbouncer.ts";

/** Debian's word on whether a package may start its service: https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
const POLICY = "/usr/sbin/policy-rc.d";

if (import.meta.main) {
  try {
    await installServers();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * Installs what is missing; nothing where nothing is.
 *
 * @throws Error that says what to install by hand
 */
export async function installServers(): Promise<void> {
  // The bare server, which registers no service, and the package with a program that setting it up needs.
  const mariadb = hasMariaDB() ? [] : ["mariadb-server-core", "mariadb-client-core"];
  const missing = [...mariadb, ...(hasPgBouncer() ? [] : ["pgbouncer"])];
  if (missing.length === 0) return;
  if (process.platform !== "linux" || !find("apt-get")) throw unable(missing, "this is not Debian or Ubuntu");
  if (process.getuid?.() !== 0) throw unable(missing, "only root may install packages");
  console.error(`Installing ${missing.join(" and ")}, which the tests start throw-away servers from.`);
  withoutServices(() => {
    // Old lists name files that the mirrors no longer have; where the mirror can't be reached, they may still do.
    apt("update");
    if (apt("install", "--yes", "--no-install-recommends", ...missing) === 0) return;
    throw unable(missing, "apt-get failed, see above");
  });
  if (!hasMariaDB() || !hasPgBouncer())
    throw unable(missing, "apt-get installed them elsewhere than on the PATH");
}

function apt(command: string, ...args: readonly string[]): number | null {
  // Another run may be installing at this moment.
  const waiting = ["-o", "DPkg::Lock::Timeout=300", "-q"];
  const { status } = spawnSync("apt-get", [...waiting, command, ...args], {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status;
}

/** Keeps packages from starting their services, which nobody here needs, while `install` runs. */
function withoutServices(install: () => void): void {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

function unable(missing: readonly string[], why: string): Error {
  return new Error(
    `The tests need ${missing.join(" and ")}, which could not be installed by itself: ${why}. Install by hand (Debian, Ubuntu: "sudo apt-get install ${missing.join(" ")}"; macOS: "brew install mariadb pgbouncer") and run again, or set APOCRYPHAN_TEST_MYSQL_URL to a MariaDB of yours.`,
  );
}
