import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contestant } from "../harness/part.ts";
import { find } from "../harness/programs.ts";
import { CONNECTIONS } from "./statements.ts";

/** Statements that a pipeline holds at a time. */
const PIPELINE = 100;

const ONE = "\\set n random(1, 1000000)\nselect :n::int as n;\n";
const TEN =
  "\\set a random(1, 9000)\n\\set b :a + 9\nselect id, name, age from contacts where id between :a and :b order by id;\n";

/** PostgreSQL's own load generator, in C, for what the server can do. It checks no answers. */
export function pgbench(what: "one" | "ten", pipelined: boolean): Contestant {
  const statement = what === "one" ? ONE : TEN;
  return {
    name: pipelined ? "pgbench, pipelined" : "pgbench, prepared",
    peers: [],
    missing: async () =>
      (await find("pgbench")) === undefined
        ? "this machine has no pgbench (package postgresql-contrib)"
        : undefined,
    async run({ urls, width, seconds }) {
      const script = pipelined ? `\\startpipeline\n${statement.repeat(PIPELINE)}\\endpipeline\n` : statement;
      const folder = mkdtempSync(join(tmpdir(), "apocryphan-bench-"));
      try {
        const file = join(folder, "script.sql");
        writeFileSync(file, script);
        const clients = String(Math.min(width, CONNECTIONS));
        // It takes whole seconds.
        const length = String(Math.max(1, Math.round(seconds)));
        const args = ["-n", "-M", "prepared", "-f", file, "-c", clients, "-T", length];
        // Password and host for its library: https://www.postgresql.org/docs/current/libpq-envars.html
        const { hostname, port, username, password, pathname } = new URL(urls.postgresql ?? "");
        const env = {
          ...process.env,
          PGHOST: hostname,
          PGPORT: port,
          PGUSER: decodeURIComponent(username),
          PGPASSWORD: decodeURIComponent(password),
          PGDATABASE: pathname.slice(1),
        };
        const { status, stdout, stderr } = spawnSync((await find("pgbench")) ?? "pgbench", args, {
          env,
          encoding: "utf8",
        });
        const tps = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
        if (status !== 0 || !(tps > 0)) throw new Error(`pgbench failed: ${stderr}${stdout}`);
        return { perSecond: pipelined ? tps * PIPELINE : tps };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
