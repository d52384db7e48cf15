import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Copy } from "./copy.ts";

/** Faults a tired engineer might write, each as one change of the source. */
const FAULTS: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  [
    "opens one more than the maximum",
    "machine",
    "this.total < this.limits.maxConnections && this.mayAttempt(now)",
    "this.total <= this.limits.maxConnections && this.mayAttempt(now)",
  ],
  ["does not count connections being closed", "machine", "this.closing++;", "this.closing++; this.total--;"],
  ["serves the last in line first", "queue", "return this.line.first;", "return this.line.last;"],
  [
    "lends to newcomers while others wait",
    "machine",
    "if (this.queue.size > 0) return undefined;\n    const { first }",
    "const { first }",
  ],
  [
    "leaves a connection idle beside a waiter",
    "machine",
    "while (this.queue.size > this.serving) {",
    "while (this.queue.size > this.serving + 1) {",
  ],
  ["forgets who gave up", "machine", "this.queue.leave(waiter);\n    return true;", "return true;"],
  [
    "answers a waiter twice",
    "machine",
    'this.orders.push({ kind: "lend", waiter, place });',
    'this.orders.push({ kind: "lend", waiter, place }, { kind: "refuse", waiter, why: "timeout" });',
  ],
  [
    "misses a deadline by a millisecond",
    "machine",
    "if (due.deadline > now) break;",
    "if (due.deadline >= now) break;",
  ],
  [
    "takes back what has expired",
    "machine",
    "if (now < place.expiresAt) return undefined;",
    "return undefined;",
  ],
  [
    "lends what has expired",
    "machine",
    "if (now < place.expiresAt) return this.needsCheck",
    "if (now <= place.expiresAt + 5000) return this.needsCheck",
  ],
  [
    "lends what has expired where nothing else is looked at",
    "machine",
    "first !== undefined && now < first.expiresAt &&",
    "first !== undefined &&",
  ],
  ["lends unasked what is always to be asked", "machine", 'validate === "never"', 'validate !== "idle"'],
  ["probes an outage with everybody", "machine", "if (this.opening > 0) return false;", ""],
  [
    "probes an outage without a pause",
    "machine",
    "return now >= this.outage.nextAttempt(this.queue.size > 0);",
    "return true;",
  ],
  [
    "stops probing when an attempt has failed",
    "machine",
    "if (this.outage.on && this.opening === 0 && this.wanted > 0) {",
    "if (this.outage.on && this.opening > 0 && this.wanted > 0) {",
  ],
  [
    "closes a connection twice",
    "machine",
    'if (place.state === "closing" || place.state === "gone") return;',
    "",
  ],
  [
    "forgets the places of closed connections",
    "machine",
    "this.closing--;\n    this.remove(place);",
    "this.closing--;",
  ],
  [
    "keeps the minimum no longer after an outage",
    "machine",
    "this.maintainBy(this.outage.nextAttempt(false));",
    "",
  ],
  [
    "leaves a caller waiting when a reset fails",
    "machine",
    "this.end(place, why);\n    this.settle(now);",
    "this.end(place, why);",
  ],
  [
    "lends while it drains",
    "machine",
    'if (this.phase !== "open") return this.phase === "closed" ? "closed" : "draining";',
    "",
  ],
  [
    "lets a drain run over its time",
    "machine",
    "if (now >= this.drainAt) this.cut();\n    if (now >= this.maintenanceAt)",
    "if (now >= this.maintenanceAt)",
  ],
  ["lends after a silence without a look", "machine", "> UNHEARD", "> 20 * UNHEARD"],
  [
    "hands on after a silence without a look",
    "machine",
    'place.state !== "lent" || this.unheard(now)',
    'place.state !== "lent"',
  ],
  [
    "wears connections out",
    "machine",
    "place.uses >= this.limits.maxUses",
    "place.uses > this.limits.maxUses",
  ],
  [
    "loses a deadline when another waiter leaves",
    "deadlines",
    "this.rise(last, spot);\n    this.sink(last, last.spot);",
    "this.put(last, spot);",
  ],
];

const copy = new Copy();
after(() => copy.remove());

test("the machine as it is passes the trial", () => {
  const file = "src/pool/machine.ts";
  const { failed, said } = copy.try(file, copy.read(file), ["test/property/pool/trial.ts", "12000"], 15_000);
  assert.equal(failed, false, said);
});

for (const [what, name, from, to] of FAULTS) {
  test(`a planted fault is found: it ${what}`, (t) => {
    const file = `src/pool/${name}.ts`;
    const text = copy.read(file);
    assert.equal(text.split(from).length, 2, "the place to plant it is not there, or not once");
    const { failed, said } = copy.try(
      file,
      text.replace(from, to),
      ["test/property/pool/trial.ts", "12000"],
      15_000,
    );
    assert.ok(failed, "nothing was found");
    assert.doesNotMatch(said, /SyntaxError|ENOENT/);
    t.diagnostic(said.split("\n", 1)[0] ?? "");
  });
}
