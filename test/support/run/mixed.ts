/** One test that passes, one that fails and one that is skipped, for `counts.test.ts`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";

suite("a suite is not counted", () => {
  test("passes", () => {});
  test("fails", () => assert.fail("as it should"));
});
test.skip("is skipped", () => {});
