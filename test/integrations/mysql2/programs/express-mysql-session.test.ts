import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import express, { type Request, type RequestHandler } from "express";
import { database, openPromisePool } from "../support.ts";

/** Neither of the two has types of its own. */
const require = createRequire(import.meta.url);
type Session = { visits?: number };
type Store = { onReady(): Promise<void>; close(): Promise<void> };
const session: (options: object) => RequestHandler = require("express-session");
const mysqlSession: (
  host: unknown,
) => new (
  options: object,
  pool: unknown,
) => Store = require("express-mysql-session");

test("Express sessions live in the database through express-mysql-session and the pool", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 3 });
  const Store = mysqlSession(session);
  const store = new Store({ createDatabaseTable: true, clearExpired: false }, pool);
  await store.onReady();
  const app = express();
  app.use(session({ store, secret: "a secret", resave: false, saveUninitialized: false }));
  app.get("/", (request, response) => {
    const its = (request as Request & { session: Session }).session;
    its.visits = (its.visits ?? 0) + 1;
    response.json(its.visits);
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const first = await fetch(url);
  const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  assert.equal(await first.json(), 1);
  assert.equal(await (await fetch(url, { headers: { cookie } })).json(), 2);
  assert.equal(await (await fetch(url)).json(), 1);
  const kept = await database.exec<{ data: string }>("select data from sessions");
  assert.deepEqual(kept.map(({ data }) => JSON.parse(data).visits).sort(), [1, 2]);
});
