import assert from "node:assert/strict";
import { test } from "node:test";
import type { Limits } from "../../../src/pool/limits.ts";
import { type Budget, explore } from "./explore.ts";

const NEVER = Number.POSITIVE_INFINITY;
const limits: Limits = {
  maxConnections: 2,
  minConnections: 0,
  staleTimeout: NEVER,
  maxLifetime: NEVER,
  idleTimeout: NEVER,
  maxUses: NEVER,
  keepalive: NEVER,
  validate: "never",
  maxWaiting: NEVER,
  connectConcurrency: 2,
  leakTimeout: NEVER,
};

/** `APOCRYPHAN_EXPLORE=deep` takes minutes and goes through some millions of steps. */
const deep = process.env.APOCRYPHAN_EXPLORE === "deep";

const plans: readonly (readonly [string, Limits, Budget])[] = [
  ["every fault, and time passing", limits, { faults: 2, pauses: 1, owner: 0 }],
  ["every fault, and the owner closing", limits, { faults: 1, pauses: 0, owner: 1 }],
  [
    "renewal: a minimum, few uses, checks",
    { ...limits, minConnections: 1, maxUses: 1, validate: "always" },
    { faults: 1, pauses: 0, owner: 0 },
  ],
  ...(deep
    ? [
        ["every fault, time and the owner", limits, { faults: 2, pauses: 2, owner: 1 }] as const,
        [
          "age and keepalive",
          { ...limits, staleTimeout: 220, keepalive: 100, connectConcurrency: 1 },
          { faults: 1, pauses: 2, owner: 0 },
        ] as const,
      ]
    : []),
];

for (const [name, bounds, budget] of plans) {
  test(`two connections and three callers keep every promise in every interleaving: ${name}`, (t) => {
    const { states, steps } = explore(bounds, budget);
    t.diagnostic(`${states} states, ${steps} steps`);
    assert.ok(states > 500, `only ${states} states were found`);
  });
}
