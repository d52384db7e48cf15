import assert from "node:assert/strict";
import { test } from "node:test";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import { freshDatabase } from "../../support/database.ts";
import { startPgBouncer } from "../../support/servers/pgbouncer.ts";

test("behind a PgBouncer that hands the server's connections around, statements share connections", async (t) => {
  const fresh = await freshDatabase("postgresql", t);
  const bouncer = await startPgBouncer(fresh.url, { poolSize: 3 });
  t.after(() => bouncer.stop());
  const db = new PooledPostgreSQLDatabase({
    url: bouncer.url,
    autoconnect: true,
    maxConnections: 8,
    minConnections: 8,
    timeout: "20s",
  });
  t.after(() => db.closeAll());
  const texts = [
    "select $1::int as n",
    "select $1::int + 0 as n",
    "select $1::int * 1 as n",
    "select 1 / ($1::int - 7) + $1::int - 1 / ($1::int - 7) as n",
  ];
  for (let round = 0; round < 30; round++) {
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => db.get<{ n: number }>(texts[(n + round) % 4] ?? "", [n])),
    );
    answers.forEach((answer, n) => {
      const divides = (n + round) % 4 === 3 && n === 7;
      if (divides) assert.ok(answer.status === "rejected" && answer.reason.sqlState === "22012");
      else assert.deepEqual(answer, { status: "fulfilled", value: { n } });
    });
  }
});
