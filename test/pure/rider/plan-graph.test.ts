import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGraph, type Graph, type GraphNode, nearestId } from "../../../src/rider/plan/graph.ts";

function node(id: string, ...depends: string[]): GraphNode {
  return { id, depends, file: `m/${id}.ts` };
}

function graph(...nodes: GraphNode[]): Graph {
  const built = buildGraph(nodes);
  assert.ok(!Array.isArray(built), JSON.stringify(built));
  return built;
}

function order(...nodes: GraphNode[]): string[] {
  return graph(...nodes).order.map(({ id }) => id);
}

test("numbers are compared as numbers, then the words", () => {
  assert.deepEqual(order(node("10-a"), node("2-b"), node("2-a"), node("002-b"), node("1602721237-x")), [
    "2-a",
    "002-b",
    "2-b",
    "10-a",
    "1602721237-x",
  ]);
});

test("a dependency comes first, whatever its number", () => {
  assert.deepEqual(order(node("1-a", "9-z"), node("2-b"), node("9-z")), ["2-b", "9-z", "1-a"]);
});

test("a diamond with two heads", () => {
  const built = graph(
    node("1-a"),
    node("2-b", "1-a"),
    node("3-c", "1-a"),
    node("4-d", "2-b", "3-c"),
    node("5-e", "2-b"),
  );
  assert.deepEqual(built.heads, ["4-d", "5-e"]);
  assert.deepEqual([...built.dependants(["2-b"])].sort(), ["2-b", "4-d", "5-e"]);
  assert.deepEqual([...built.dependencies(["4-d"])].sort(), ["1-a", "2-b", "3-c", "4-d"]);
  assert.equal(built.position("3-c"), 2);
  assert.equal(built.position("none"), -1);
});

test("a dependency that is named twice counts once", () => {
  assert.deepEqual(order(node("2-b", "1-a", "1-a"), node("1-a")), ["1-a", "2-b"]);
});

test("a cycle is named with its files, and what only depends on it is not", () => {
  assert.deepEqual(
    buildGraph([node("1-a", "3-c"), node("2-b", "1-a"), node("3-c", "2-b"), node("4-d", "3-c"), node("0-x")]),
    [{ kind: "cycle", ids: ["1-a", "3-c", "2-b"], files: ["m/1-a.ts", "m/3-c.ts", "m/2-b.ts"] }],
  );
});

test("a migration that depends on itself, and a second cycle, are both named", () => {
  assert.deepEqual(buildGraph([node("1-a", "1-a"), node("2-b", "3-c"), node("3-c", "2-b")]), [
    { kind: "cycle", ids: ["1-a"], files: ["m/1-a.ts"] },
    { kind: "cycle", ids: ["2-b", "3-c"], files: ["m/2-b.ts", "m/3-c.ts"] },
  ]);
});

test("a missing dependency is named with the id that was probably meant", () => {
  assert.deepEqual(buildGraph([node("1-add-contacts"), node("2-b", "1-add-contact", "9-q")]), [
    {
      kind: "missing-dependency",
      id: "2-b",
      file: "m/2-b.ts",
      depends: "1-add-contact",
      near: "1-add-contacts",
    },
    { kind: "missing-dependency", id: "2-b", file: "m/2-b.ts", depends: "9-q", near: undefined },
  ]);
});

test("two files with one id", () => {
  assert.deepEqual(
    buildGraph([
      { id: "1-a", depends: [], file: "m/1-a.ts" },
      { id: "1-a", depends: [], file: "m/1-a.sql" },
    ]),
    [{ kind: "duplicate-id", id: "1-a", files: ["m/1-a.sql", "m/1-a.ts"] }],
  );
});

test("ids that MySQL takes for one are a problem only there", () => {
  const nodes = [node("1-Été"), node("1-ete")];
  assert.ok(!Array.isArray(buildGraph(nodes, { dialect: "postgresql" })));
  assert.deepEqual(buildGraph(nodes, { dialect: "mysql" }), [
    { kind: "alike-ids", ids: ["1-ete", "1-Été"].sort(), files: ["m/1-ete.ts", "m/1-Été.ts"].sort() },
  ]);
});

for (const [given, near] of [
  ["1-add-contacts.ts", "1-add-contacts"],
  ["add-contacts", "1-add-contacts"],
  ["1", "1-add-contacts"],
  ["3-add-contacts", "1-add-contacts"],
  ["1-ad-contcts", "1-add-contacts"],
  ["something else", undefined],
] as const) {
  test(`${given} is near ${near}`, () => {
    assert.equal(nearestId(given, ["1-add-contacts", "2-users"]), near);
  });
}

test("10,000 migrations are ordered in under a second, in chains, fans and without dependencies", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `${i + 1}-m`);
  const shapes = {
    chain: many.map((id, i) => node(id, ...many.slice(Math.max(0, i - 1), i))),
    backwards: many.map((id, i) => node(id, ...many.slice(i + 1, i + 2))),
    loose: many.map((id) => node(id)),
    fan: many.map((id, i) => (i === 0 ? node(id) : node(id, "1-m"))),
    cycle: many.map((id, i) => node(id, many[(i + 1) % many.length] ?? "")),
  };
  for (const [name, nodes] of Object.entries(shapes)) {
    const begun = performance.now();
    buildGraph(nodes);
    assert.ok(performance.now() - begun < 1000, `${name}: ${performance.now() - begun} ms`);
  }
});
