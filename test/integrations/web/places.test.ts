import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import { connection as forExpress } from "apocryphan/express";
import { connection as forFastify } from "apocryphan/fastify";
import { connection as forKoa } from "apocryphan/koa";
import express, { type NextFunction, type Request as Req, type Response as Res } from "express";
import fastify from "fastify";
import Koa from "koa";
import { contactsTable, openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";

const INSERT = "insert into contacts (name) values ('Ada')";

async function contacts(t: TestContext) {
  const db = await openPooled("sqlite", t, { maxConnections: 2, timeout: "20s" });
  await db.fresh.exec(contactsTable(db.dialect));
  const undone = async (): Promise<void> => {
    await until("the connection to be back", () => db.stats().inUse === 0);
    assert.deepEqual(await db.fresh.exec("select * from contacts"), []);
  };
  return { db, undone };
}

async function serving(t: TestContext, server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("fastify: an error in each hook, in the serializer and in the error handler undoes the request", async (t) => {
  const { db, undone } = await contacts(t);
  const app = fastify();
  t.after(() => app.close());
  app.register(forFastify(db, { transaction: true }));
  const broken = async (): Promise<never> => {
    await db.sql(INSERT);
    throw new Error("broken");
  };
  const fine = (): string => "fine";
  app.get("/onRequest", { onRequest: broken }, fine);
  app.get("/preParsing", { preParsing: broken }, fine);
  app.get("/preValidation", { preValidation: broken }, fine);
  app.get("/preHandler", { preHandler: broken }, fine);
  app.get("/handler", broken);
  app.get("/preSerialization", { preSerialization: broken }, () => ({ fine: true }));
  app.get("/onSend", { onSend: broken }, fine);
  app.get("/errorHandler", { errorHandler: broken }, broken);
  app.get("/serializer", async (_request, reply) => {
    await db.sql(INSERT);
    reply.serializer(() => {
      throw new Error("broken");
    });
    return { fine: true };
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const places = [
    "onRequest",
    "preParsing",
    "preValidation",
    "preHandler",
    "handler",
    "preSerialization",
    "onSend",
    "errorHandler",
    "serializer",
  ];
  for (const place of places) {
    const response = await fetch(`${url}/${place}`);
    assert.equal(response.status, 500, place);
    await response.text();
    await undone();
  }
  assert.equal((await app.inject("/handler")).statusCode, 500);
  await undone();
});

test("express: an error thrown, rejected, handed on or thrown by an error handler undoes the request", async (t) => {
  const { db, undone } = await contacts(t);
  const app = express();
  app.use(forExpress(db, { transaction: true }));
  app.use(async (_req: Req, _res: Res, next: NextFunction) => {
    await db.sql(INSERT);
    next();
  });
  app.get("/thrown", () => {
    throw new Error("broken");
  });
  app.get("/rejected", async () => {
    throw new Error("broken");
  });
  app.get("/handed-on", (_req, _res, next) => next(new Error("broken")));
  app.get("/handler", () => {
    throw new Error("first");
  });
  app.use((error: Error, _req: Req, res: Res, _next: NextFunction) => {
    if (error.message === "first") throw new Error("second");
    res.status(500).send("told");
  });
  const url = await serving(t, createServer(app));
  t.mock.method(console, "error", () => {});
  for (const place of ["thrown", "rejected", "handed-on", "handler"]) {
    const response = await fetch(`${url}/${place}`);
    assert.equal(response.status, 500, place);
    await response.text();
    await undone();
  }
});

test("koa: an error before, in and after the handler undoes the request", async (t) => {
  const { db, undone } = await contacts(t);
  const app = new Koa();
  app.silent = true;
  app.use(forKoa(db, { transaction: true }));
  app.use(async (ctx, next) => {
    await db.sql(INSERT);
    if (ctx.path === "/before") throw new Error("broken");
    await next();
    if (ctx.path === "/after") throw new Error("broken");
  });
  app.use((ctx) => {
    if (ctx.path === "/in") ctx.throw(500, "broken");
    ctx.body = "fine";
  });
  const url = await serving(t, createServer(app.callback()));
  for (const place of ["before", "in", "after"]) {
    const response = await fetch(`${url}/${place}`);
    assert.equal(response.status, 500, place);
    await response.text();
    await undone();
  }
});

test("the listeners of a request find its connection", async (t) => {
  const { db } = await contacts(t);
  const middleware = forExpress(db);
  const server = createServer((req, res) => {
    middleware(req, res, () => {
      req.resume().on("end", async () => {
        res.end(String((await db.select("select 1")).length));
      });
    });
  });
  const url = await serving(t, server);
  assert.equal(await (await fetch(url, { method: "POST", body: "x".repeat(100_000) })).text(), "1");
});

test("a pipelined request hears that its client has gone, although its turn had not come", async (t) => {
  const { db } = await contacts(t);
  const middleware = forExpress(db);
  let there = 0;
  const server = createServer((req, res) => {
    middleware(req, res, async () => {
      await db.select("select 1");
      there++;
    });
  });
  const { port } = new URL(await serving(t, server));
  const socket = connect(Number(port), "127.0.0.1");
  const one = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
  socket.write(one + one);
  await until("both requests", () => there === 2);
  assert.equal(db.stats().inUse, 2);
  socket.destroy();
  await until("both connections to be back", () => db.stats().inUse === 0);
});

test("http2: a request gives its connection back at its end, and when its stream is reset", async (t) => {
  const { db } = await contacts(t);
  const middleware = forExpress(db, { transaction: true });
  const server = createHttp2((req, res) => {
    middleware(req as never, res as never, async () => {
      await db.select("select 1");
      if (req.url === "/") res.end("sent");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    client.destroy();
    server.close();
  });
  const whole = client.request({ ":path": "/" }).setEncoding("utf8");
  let text = "";
  whole.on("data", (part) => {
    text += part;
  });
  await once(whole, "end");
  assert.equal(text, "sent");
  await until("the connection to be back", () => db.stats().inUse === 0);
  const reset = client.request({ ":path": "/never" });
  reset.on("error", () => {});
  await until("the second request", () => db.stats().inUse === 1);
  reset.close(8);
  await until("the connection to be back", () => db.stats().inUse === 0);
});
