import assert from "node:assert/strict";
import { test } from "node:test";
import { LastUsed } from "../../../src/base/last-used.ts";

interface Kept {
  readonly name: string;
  usedAt: number;
}

const made = (name: string): Kept => ({ name, usedAt: 0 });

test("keeps those used last, and gives what had to make room", () => {
  const kept = new LastUsed<Kept>(3);
  for (const name of ["a", "b", "c"]) assert.equal(kept.add(name, made(name)), undefined);
  assert.equal(kept.find("a")?.name, "a");
  assert.equal(kept.add("d", made("d"))?.name, "b");
  assert.equal(kept.find("b"), undefined);
  assert.equal(kept.add("e", made("e"))?.name, "c");
  assert.deepEqual(
    kept.clear().map(({ name }) => name),
    ["a", "d", "e"],
  );
  assert.equal(kept.find("a"), undefined);
  assert.equal(kept.add("f", made("f")), undefined);
});

test("forgets one only if it is the one that it keeps", () => {
  const kept = new LastUsed<Kept>(2);
  const first = made("a");
  kept.add("a", first);
  assert.equal(kept.drop("a", made("a")), false);
  assert.equal(kept.drop("a", first), true);
  assert.equal(kept.drop("a", first), false);
  assert.equal(kept.find("a"), undefined);
});
