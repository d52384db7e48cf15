import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../support/database.ts";
import { until } from "../support/wait.ts";
import { PAGES, ROOT } from "./pages.ts";

const EXAMPLE = join(ROOT, "examples/prometheus");

/** Every metric that the dashboard's queries name. */
function namesInDashboard(): Set<string> {
  const dashboard = JSON.parse(readFileSync(join(EXAMPLE, "dashboard.json"), "utf8")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  return new Set(queries.flatMap((query) => query.match(/\bapocryphan_\w+/g) ?? []));
}

/** Every metric that the output declares, with what a histogram adds to its name. */
function declared(text: string): Map<string, string> {
  const types = Array.from(
    text.matchAll(/^# TYPE (\S+) (\w+)$/gm),
    ([, name = "", type = ""]) => [name, type] as const,
  );
  return new Map(
    types.flatMap(([name, type]) =>
      (type === "histogram" ? ["", "_bucket", "_sum", "_count"] : [""]).map(
        (end) => [name + end, type] as const,
      ),
    ),
  );
}

for (const kind of KINDS) {
  test(`the example serves every metric that the dashboard shows on ${kind}, and ends well`, async (t) => {
    const database = await freshDatabase(kind, t);
    const folder = mkdtempSync(join(tmpdir(), "prometheus-test-"));
    t.after(() => rmSync(folder, { recursive: true }));
    // Without an address it makes itself a database.
    const args = kind === "sqlite" ? [] : ["--url", database.url];
    const child = spawn(
      process.execPath,
      ["--conditions=apocryphan-source", join(EXAMPLE, "server.ts"), "--port", "0", ...args],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TMPDIR: folder } },
    );
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    const ended = once(child, "close");
    const address = await until("the example to say its address", () => /http:\S+/.exec(said)?.[0] ?? "");
    const metrics = async (): Promise<string> => (await fetch(address)).text();
    const named = namesInDashboard();
    assert.ok(named.size > 15, [...named].join());
    const text = await until("visits and a refused statement to be counted", async () => {
      const now = await metrics();
      return /statement_errors_total\{.*\} [1-9]/.test(now) && /operation="insert"/.test(now) ? now : "";
    });
    const there = declared(text);
    assert.deepEqual(
      [...named].filter((name) => !there.has(name)),
      [],
    );
    assert.match(text, /apocryphan_pool_connections_max\{pool="visits"\} 4/);
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], said);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("prometheus-")),
      [],
    );
  });
}

test("the dashboard shows every metric there is, and the page explains every one", async () => {
  const { COUNTERS, GAUGES } = await import("../../src/integrations/prometheus/metrics.ts");
  const all = [
    "pool_connections",
    ...[...GAUGES, ...COUNTERS].map(({ name }) => name),
    ...[
      "pool_connect_seconds",
      "pool_wait_seconds",
      "pool_use_seconds",
      "statement_seconds",
      "statement_errors_total",
    ],
  ];
  const shown = [...namesInDashboard()].map((name) =>
    name.replace(/^apocryphan_/, "").replace(/_(bucket|count|sum)$/, ""),
  );
  assert.deepEqual(
    all.filter((name) => !shown.includes(name)),
    [],
  );
  const page = PAGES.find(({ path }) => path === "docs/integrations/prometheus.md")?.text ?? "";
  assert.deepEqual(
    all.filter((name) => !page.includes(`\`apocryphan_${name}\``)),
    [],
  );
});
