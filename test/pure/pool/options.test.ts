import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../../src/base/error.ts";
import { POOL_OPTION_NAMES, parsePoolOptions } from "../../../src/pool/options.ts";

const NEVER = Number.POSITIVE_INFINITY;

test("the defaults are those of the documentation", () => {
  assert.deepEqual(parsePoolOptions({}), {
    maxConnections: 20,
    staleTimeout: NEVER,
    timeout: undefined,
    minConnections: 0,
    idleTimeout: NEVER,
    maxLifetime: NEVER,
    maxUses: NEVER,
    keepalive: NEVER,
    validate: "never",
    maxWaiting: NEVER,
    connectTimeout: 10_000,
    connectConcurrency: 4,
    leakTimeout: NEVER,
  });
});

test("durations are seconds or strings with a unit, and undefined is left out", () => {
  const options = parsePoolOptions({
    staleTimeout: 300,
    timeout: "250ms",
    keepalive: "1m",
    maxUses: undefined,
  });
  assert.deepEqual(
    [options.staleTimeout, options.timeout, options.keepalive, options.maxUses],
    [300_000, 250, 60_000, NEVER],
  );
});

test("0 means something for timeout alone", () => {
  assert.equal(parsePoolOptions({ timeout: 0 }).timeout, 0);
  for (const name of POOL_OPTION_NAMES) {
    if (name === "timeout") continue;
    assert.throws(() => parsePoolOptions({ [name]: 0 }), OptionError, name);
  }
});

test("what does not fit is refused with the option's name and what it takes", () => {
  const cases: [Record<string, unknown>, string][] = [
    [
      { maxConnections: 2.5 },
      'The option "maxConnections" takes a whole number of 1 or more; it was given 2.5. (OPTION_INVALID)',
    ],
    [
      { maxConnections: "20" },
      'The option "maxConnections" takes a whole number of 1 or more; it was given a value of type string. (OPTION_INVALID)',
    ],
    [
      { maxUses: null },
      'The option "maxUses" takes a whole number of 1 or more; it was given null. (OPTION_INVALID)',
    ],
    [
      { validate: "sometimes" },
      'The option "validate" takes "never", "idle" or "always", not "sometimes". (OPTION_INVALID)',
    ],
    [{ validate: true }, 'The option "validate" takes "never", "idle" or "always". (OPTION_INVALID)'],
    [
      { minConnections: 21 },
      'The option "minConnections" is 21, but "maxConnections" allows only 20. (OPTION_INVALID)',
    ],
    [
      { max_connections: 5 },
      'The pool has no option "max_connections". Did you mean "maxConnections"? (OPTION_INVALID)',
    ],
  ];
  for (const [raw, message] of cases)
    assert.throws(() => parsePoolOptions(raw), { name: "OptionError", message });
  assert.throws(
    () => parsePoolOptions({ xyzzy: 1 }),
    /no option "xyzzy"\. Known are maxConnections, staleTimeout/,
  );
  assert.throws(() => parsePoolOptions({ staleTimeout: "soon" }), /"staleTimeout" takes a duration/);
});
