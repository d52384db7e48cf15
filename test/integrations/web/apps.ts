/**
 * The same application in each framework: `connection(db)`, and one handler for every path. A suite that holds for all of them loops
 * over `FRAMEWORKS`.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";
import { serve } from "@hono/node-server";
import type { Database } from "apocryphan";
import { connection as forExpress } from "apocryphan/express";
import { type ConnectionOptions, connection as forFastify } from "apocryphan/fastify";
import { connection as forHono } from "apocryphan/hono";
import { connection as forKoa } from "apocryphan/koa";
import express, { type NextFunction, type Request as Req, type Response as Res } from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import Koa from "koa";

/** What a handler answers. */
export interface Reply {
  /** @default 200 */
  readonly status?: number;
  /** A text, or parts that are made while they are sent. @default "" */
  readonly body?: string | AsyncIterable<string>;
}

export interface App {
  readonly url: string;
  /** What the framework's error handler was given, in order. */
  readonly errors: unknown[];
}

export interface Visit {
  /** With its slash. */
  readonly path: string;
  /** What was sent, read by the framework's own means. */
  readonly body: string;
}

export type Handler = (visit: Visit) => Promise<Reply> | Reply;
export type Framework = "express" | "fastify" | "koa" | "hono" | "hono without node:http";

export const FRAMEWORKS: readonly Framework[] = [
  "express",
  "fastify",
  "koa",
  "hono",
  "hono without node:http",
];

type Context = { after(fn: () => Promise<void>): void };

/** An error as the framework takes it for one that has a status. */
export function refusal(status: number): Error {
  return Object.assign(new HTTPException(status as 409, { message: "refused" }), {
    status,
    statusCode: status,
  });
}

/** Starts an application, which is stopped when the test is over. */
export async function start(
  framework: Framework,
  db: Database,
  options: ConnectionOptions,
  handler: Handler,
  context: Context,
): Promise<App> {
  const errors: unknown[] = [];
  const makers = { express: onExpress, fastify: onFastify, koa: onKoa, hono: onHono } as const;
  const server =
    framework === "hono without node:http"
      ? await onFetch(honoApp(db, options, handler, errors))
      : await makers[framework](db, options, handler, errors);
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, errors };
}

async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

function onExpress(db: Database, options: ConnectionOptions, handler: Handler, errors: unknown[]) {
  const app = express();
  app.use(forExpress(db, options));
  app.use(express.text({ type: "*/*" }));
  app.use(async (req: Req, res: Res) => {
    const { status = 200, body = "" } = await handler({ path: req.path, body: textOf(req.body) });
    res.status(status).type("text");
    if (typeof body === "string") res.send(body);
    else pipeline(Readable.from(body), res, () => {});
  });
  app.use((error: Error & { status?: number }, _req: Req, res: Res, next: NextFunction) => {
    errors.push(error);
    if (res.headersSent) next(error);
    else res.status(error.status ?? 500).send(error.message);
  });
  return listening(createServer(app));
}

async function onFastify(db: Database, options: ConnectionOptions, handler: Handler, errors: unknown[]) {
  const app = fastify({ forceCloseConnections: true });
  app.register(forFastify(db, options));
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    errors.push(error);
    reply
      .code(error.statusCode ?? 500)
      .type("text/plain")
      .send(error.message);
  });
  app.all("/*", async (request, reply) => {
    const { status = 200, body = "" } = await handler({
      path: new URL(request.url, "http://localhost").pathname,
      body: textOf(request.body),
    });
    reply.code(status).type("text/plain");
    return reply.send(typeof body === "string" ? body : Readable.from(body));
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
}

function onKoa(db: Database, options: ConnectionOptions, handler: Handler, errors: unknown[]) {
  const app = new Koa();
  app.on("error", (error) => errors.push(error));
  app.use(forKoa(db, options));
  app.use(async (ctx) => {
    const sent: Buffer[] = [];
    for await (const chunk of ctx.req) sent.push(chunk);
    const { status = 200, body = "" } = await handler({
      path: ctx.path,
      body: Buffer.concat(sent).toString(),
    });
    ctx.body = typeof body === "string" ? body : Readable.from(body);
    ctx.status = status;
    ctx.type = "text";
  });
  return listening(createServer(app.callback()));
}

function honoApp(db: Database, options: ConnectionOptions, handler: Handler, errors: unknown[]): Hono {
  const app = new Hono();
  app.use(forHono(db, options));
  app.onError((error, c) => {
    errors.push(error);
    return c.text(error.message, error instanceof HTTPException ? error.status : 500);
  });
  app.all("*", async (c) => {
    const { status = 200, body = "" } = await handler({ path: c.req.path, body: await c.req.text() });
    if (typeof body === "string") return c.text(body, status as 200);
    return new Response(bytes(body), { status, headers: { "content-type": "text/plain" } });
  });
  return app;
}

async function onHono(db: Database, options: ConnectionOptions, handler: Handler, errors: unknown[]) {
  const { fetch } = honoApp(db, options, handler, errors);
  const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  if (!server.listening) await once(server, "listening");
  return server;
}

/** A server that knows nothing but `fetch`, as other runtimes have it: of a client that leaves it tells by the signal, and cancels the body. */
function onFetch(app: Hono): Promise<Server> {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const left = new AbortController();
    res.once("close", () => {
      if (!res.writableFinished) left.abort();
    });
    const sent: Buffer[] = [];
    for await (const chunk of req) sent.push(chunk);
    const { method = "GET" } = req;
    const init = { method, signal: left.signal, ...(sent.length > 0 ? { body: Buffer.concat(sent) } : {}) };
    const response = await app.fetch(new Request(new URL(req.url ?? "/", "http://localhost"), init));
    res.writeHead(response.status, Object.fromEntries(response.headers));
    const reader = response.body?.getReader();
    left.signal.addEventListener("abort", () => reader?.cancel().catch(() => {}));
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      if (!res.write(part.value)) await Promise.race([once(res, "drain"), once(res, "close")]);
    }
    res.end();
  };
  return listening(
    createServer((req, res) => {
      answer(req, res).catch(() => res.destroy());
    }),
  );
}

/** A body whose parts are asked for one by one. */
function bytes(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

function textOf(body: unknown): string {
  return typeof body === "string" ? body : "";
}
