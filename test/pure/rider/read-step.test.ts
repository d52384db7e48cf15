import assert from "node:assert/strict";
import { test } from "node:test";
import { RiderError } from "../../../src/rider/model/errors.ts";
import { type StepFunction, step } from "../../../src/rider/model/step.ts";

const loose = step as (...args: unknown[]) => unknown;

test("a step is made of arguments or of an object", () => {
  const wanted = { migrate: "a", rollback: "b", ignoreErrors: "all" };
  assert.deepEqual(step("a", "b", "all"), wanted);
  assert.deepEqual(step({ migrate: "a", rollback: "b", ignoreErrors: "all" }), wanted);
  assert.deepEqual(step("a"), { migrate: "a", rollback: undefined, ignoreErrors: undefined });
  assert.equal(step("").migrate, "");
});

test("a step may be made of functions, which know what they are given", () => {
  const typed: StepFunction<{ sql(query: string): Promise<void> }> = step;
  const made = typed(
    async (db) => {
      await db.sql("x");
    },
    (db) => db.sql("y"),
  );
  assert.equal(typeof made.migrate, "function");
  assert.equal(typeof made.rollback, "function");
});

for (const [args, message] of [
  [["a", "b", "Migrate"], `step(…) says ignoreErrors: "Migrate". Did you mean "migrate"? (RIDER)`],
  [
    ["a", "b", "everything"],
    `step(…) says ignoreErrors: "everything". It takes "migrate", "rollback" or "all". (RIDER)`,
  ],
  [
    [{ migrate: "a", ignore_errors: "all" }],
    `step({ … }) has the unknown key "ignore_errors". Did you mean "ignoreErrors"? (RIDER)`,
  ],
  [
    [{ migrate: "a", colour: "red" }],
    `step({ … }) has the unknown key "colour". It takes migrate, rollback, ignoreErrors. (RIDER)`,
  ],
  [
    [{ rollback: "a" }],
    `step({ … }) has undefined as migrate, which is SQL text or a function. A step that does nothing is step(""). (RIDER)`,
  ],
  [
    [],
    `step(…) has undefined as migrate, which is SQL text or a function. A step that does nothing is step(""). (RIDER)`,
  ],
  [["a", 5], "step(…) has 5 as rollback, which is SQL text or a function. (RIDER)"],
  [
    ["a", "b", "all", "d"],
    "step(migrate, rollback, ignoreErrors) takes at most three arguments and was given 4. Several statements can stand in one string, one after the other. (RIDER)",
  ],
  [
    [{ migrate: "a" }, "b"],
    "step({ … }) takes everything in its one object, and was given more beside it. Write step({ migrate, rollback, ignoreErrors }). (RIDER)",
  ],
  [[["a"]], "step(…) has an array as migrate, which is SQL text or a function. (RIDER)"],
] as const) {
  test(`step(${JSON.stringify(args).slice(1, -1)}) is refused`, () => {
    assert.throws(
      () => loose(...args),
      (error) => error instanceof RiderError && error.message === message && error.code === "RIDER",
    );
  });
}
