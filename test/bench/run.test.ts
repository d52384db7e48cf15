import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Results } from "../../bench/harness/results.ts";

const ROOT = join(import.meta.dirname, "../..");
const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["--conditions=apocryphan-source", join(ROOT, "bench/run.ts"), ...args], {
    encoding: "utf8",
    timeout: 240_000,
  });

test("npm run bench measures what it is asked to, checks the answers and writes them down", () => {
  const { status, stdout, stderr } = bench("pool", "--quick", "--only=by hand, with");
  assert.equal(status, 0, stderr);
  const [, file = ""] = /^Written: (.+\.json)/m.exec(stdout) ?? [];
  const results = JSON.parse(readFileSync(file, "utf8")) as Results;
  assert.equal(results.quick, true);
  const [part] = results.parts;
  assert.deepEqual(
    part?.cases.map(({ name }) => name),
    ["cost", "size", "line"],
  );
  const found = part?.cases.flatMap(({ reached }) => reached) ?? [];
  assert.ok(found.length === 10);
  for (const { contestant, figures, failed } of found) {
    assert.match(contestant, /^by hand, with/);
    assert.equal(failed, undefined);
    for (const { median } of Object.values(figures)) assert.ok(median > 0);
  }
});

test("npm run bench names the parts there are where it is asked for another", () => {
  const { status, stderr } = bench("pools");
  assert.equal(status, 2);
  assert.match(stderr, /There is no part pools\. Parts are pool, postgres, /);
});
