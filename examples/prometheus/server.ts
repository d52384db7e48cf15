/**
 * A web server whose pool can be watched: `npm run demo:prometheus`. `/metrics` is for Prometheus, `/` runs a few statements. It sends
 * itself requests, so that there is something to see, until it is told to end.
 *
 *   --url URL    runs on that PostgreSQL, MySQL or MariaDB database instead of on SQLite in a temporary folder
 *   --port N     listens there; by default on 9464, and on a free port for 0
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  PooledMySQLDatabase,
  type PooledOptions,
  PooledPostgreSQLDatabase,
  PooledSQLiteDatabase,
} from "apocryphan/pool";
import { collect } from "apocryphan/prometheus";
import client from "prom-client";

const { values: given } = parseArgs({
  options: { url: { type: "string" }, port: { type: "string", default: "9464" } },
});
const folder = given.url === undefined ? await mkdtemp(join(tmpdir(), "prometheus-")) : undefined;
const url = given.url ?? `sqlite:${join(folder ?? "", "visits.db")}`;

const pool: PooledOptions = { url, name: "visits", maxConnections: 4, minConnections: 1, timeout: "2s" };
const db = url.startsWith("postgres")
  ? new PooledPostgreSQLDatabase(pool)
  : /^(mysql|mariadb):/.test(url)
    ? new PooledMySQLDatabase(pool)
    : new PooledSQLiteDatabase(pool);

collect(db);
client.collectDefaultMetrics();

await db.withConnection((conn) =>
  conn.sql("create table if not exists visits (page varchar(100) not null, seen integer not null)"),
);

const server = createServer((request, response) => {
  const answer = request.url === "/metrics" ? metrics(response) : visit(request.url ?? "/", response);
  answer.catch((error: unknown) => {
    response.writeHead(500).end(error instanceof Error ? error.message : "failed");
  });
});

async function metrics(response: ServerResponse): Promise<void> {
  response.setHeader("content-type", client.register.contentType);
  response.end(await client.register.metrics());
}

async function visit(page: string, response: ServerResponse): Promise<void> {
  await db.withConnection(() =>
    db.atomic(async (conn) => {
      await conn.insert`insert into visits (page, seen) values (${page}, ${1})`;
      const { count } = await conn.get<{
        count: number;
      }>`select count(*) as count from visits where page = ${page}`;
      response.end(`${count} visits of ${page}\n`);
    }),
  );
}

server.listen(Number(given.port), "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
console.log(`Metrics: ${address}/metrics (Ctrl-C ends it)`);

const ended = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.abort());

/** A few visitors at a time, with pauses; now and then one who asks for a page that does not fit, which the database refuses. */
async function visitors(): Promise<void> {
  for (let round = 0; !ended.signal.aborted; round++) {
    const pages = Array.from({ length: 1 + (round % 12) }, (_, i) => `/page-${i % 3}`);
    await Promise.all(pages.map(async (page) => (await fetch(address + page)).text()));
    if (round % 10 === 0)
      await db.withConnection((conn) => conn.sql("select * from nowhere")).catch(() => {});
    await sleep(200, undefined, { signal: ended.signal }).catch(() => {});
  }
}

await visitors();
server.close();
server.closeAllConnections();
await db.drain("5s");
if (folder !== undefined) await rm(folder, { recursive: true });
