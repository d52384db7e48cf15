import assert from "node:assert/strict";
import { test } from "node:test";
import { openPooled } from "../../support/open.ts";
import { broken, load } from "./load.ts";

/** The long form is `npm run soak -- web`. */
const SECONDS = Number(process.env.APOCRYPHAN_SOAK_SECONDS ?? 3);
const CLIENTS = 200;
const MAX = 20;

for (const framework of ["fastify", "express", "koa", "hono"] as const) {
  for (const transaction of [false, true]) {
    const how = transaction ? " with a transaction each" : "";
    test(`${framework}: ${CLIENTS} clients${how}, a third of whom leave, and no connection is leaked or shared`, async (t) => {
      const db = await openPooled("postgresql", t, { maxConnections: MAX, timeout: 0 });
      const report = await load(db, { framework, seconds: SECONDS, clients: CLIENTS, transaction }, t);
      t.diagnostic(JSON.stringify(report));
      assert.deepEqual(broken(report, MAX), []);
    });
  }
}
