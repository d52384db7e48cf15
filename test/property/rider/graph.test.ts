import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { History } from "../../../src/rider/model/history.ts";
import type { Migration } from "../../../src/rider/model/migration.ts";
import type { Plan } from "../../../src/rider/model/plan.ts";
import type { Problem } from "../../../src/rider/model/problem.ts";
import { buildGraph } from "../../../src/rider/plan/graph.ts";
import { planMigrate, planRollback } from "../../../src/rider/plan/plan.ts";

const GRAPHS = 200;

/** A random graph without cycles: each depends on some that were drawn before it, and numbers say nothing about that. */
const graphs = fc
  .array(fc.tuple(fc.nat({ max: 50 }), fc.array(fc.nat(), { maxLength: 4 })), { minLength: 1, maxLength: 40 })
  .map((drawn): Migration[] =>
    drawn.map(([number, depends], i) => ({
      id: `${number}-m${i}`,
      number: BigInt(number),
      file: `m/${number}-m${i}.sql`,
      form: "sql",
      description: "",
      depends: i === 0 ? [] : depends.map((d) => `${drawn[d % i]?.[0]}-m${d % i}`),
      checksum: "",
      transactional: { migrate: true, rollback: true },
      steps: [{ migrate: `create ${i}`, rollback: `drop ${i}` }],
    })),
  );

function applied(ids: readonly string[]): History {
  return { applied: ids.map((id) => ({ id, appliedAt: null, checksum: null, depends: null })), journal: [] };
}

function idsOf(plan: Plan | Problem[]): string[] {
  if (Array.isArray(plan)) assert.fail(JSON.stringify(plan));
  return plan.units.flatMap((unit) => unit.migrations.map((one) => one.id));
}

const options = { dialect: "postgresql" } as const;

test(`${GRAPHS} random graphs: the order respects dependencies, and is as near to the numbers' as can be`, () => {
  fc.assert(
    fc.property(graphs, fc.infiniteStream(fc.nat()), (migrations, chance) => {
      const shuffled = [...migrations].sort(() => ((chance.next().value ?? 0) % 3) - 1);
      const ids = idsOf(planMigrate(shuffled, applied([]), options));
      assert.equal(new Set(ids).size, migrations.length);
      const byId = new Map(migrations.map((one) => [one.id, one]));
      const done = new Set<string>();
      for (const [position, id] of ids.entries()) {
        const one = byId.get(id);
        assert.ok(
          one?.depends.every((above) => done.has(above)),
          `${id} comes before what it depends on`,
        );
        // Nobody with a lesser number was free.
        for (const later of ids.slice(position + 1)) {
          const other = byId.get(later);
          const free = other?.depends.every((above) => done.has(above)) ?? false;
          assert.ok(!free || (other?.number ?? 0n) >= (one?.number ?? 0n), `${later} was free before ${id}`);
        }
        done.add(id);
      }
    }),
    { numRuns: GRAPHS },
  );
});

test(`${GRAPHS} random graphs: rolled back to zero, nobody goes before what depends on him`, () => {
  fc.assert(
    fc.property(graphs, (migrations) => {
      const ids = migrations.map((one) => one.id);
      const back = idsOf(planRollback(migrations, applied(ids), { ...options, all: true }));
      assert.deepEqual([...back].sort(), [...ids].sort());
      assertUndone(migrations, new Set(ids), back);
    }),
    { numRuns: GRAPHS },
  );
});

test(`${GRAPHS} random graphs and targets: what stays never depends on what went`, () => {
  fc.assert(
    fc.property(graphs, fc.nat(), fc.constantFrom("index", "to", "last"), (migrations, drawn, key) => {
      const ids = migrations.map((one) => one.id);
      // Applied is what some migrate --to left.
      const left = idsOf(planMigrate(migrations, applied([]), { ...options, to: drawn % ids.length }));
      const target = key === "last" ? 1 + (drawn % left.length) : (left[drawn % left.length] ?? "");
      const back = idsOf(planRollback(migrations, applied(left), { ...options, [key]: target }));
      assertUndone(migrations, new Set(left), back);
      const again = left.filter((id) => !back.includes(id));
      // Applied again, everything comes back in the order of the first time.
      const order = idsOf(planMigrate(migrations, applied([]), options));
      assert.deepEqual(
        idsOf(planMigrate(migrations, applied(again), options)),
        order.filter((id) => !again.includes(id)),
      );
    }),
    { numRuns: GRAPHS },
  );
});

function assertUndone(
  migrations: readonly Migration[],
  standing: Set<string>,
  back: readonly string[],
): void {
  for (const id of back) {
    const dependant = migrations.find((one) => standing.has(one.id) && one.depends.includes(id));
    assert.equal(dependant, undefined, `${id} was undone before ${dependant?.id}`);
    standing.delete(id);
  }
}

test("a cycle is found in any graph that has one, and is one", () => {
  fc.assert(
    fc.property(graphs, fc.nat(), fc.nat(), (migrations, a, b) => {
      const [from, to] = [a % migrations.length, b % migrations.length].sort((x, y) => x - y);
      const last = migrations[to ?? 0];
      // The first depends on the last, and the last on the first.
      const looped = migrations.map((one, i) =>
        i === from
          ? { ...one, depends: [...one.depends, last?.id ?? ""] }
          : i === to
            ? { ...one, depends: [...one.depends, migrations[from ?? 0]?.id ?? ""] }
            : one,
      );
      const problems = buildGraph(looped);
      assert.ok(Array.isArray(problems) && problems.length > 0);
      for (const problem of problems) {
        assert.ok(problem.kind === "cycle");
        for (const [i, id] of problem.ids.entries()) {
          const next = problem.ids[(i + 1) % problem.ids.length] ?? "";
          assert.ok(
            looped.find((one) => one.id === id)?.depends.includes(next),
            `${id} does not depend on ${next}`,
          );
        }
      }
    }),
    { numRuns: GRAPHS },
  );
});
