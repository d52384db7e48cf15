import assert from "node:assert/strict";
import { test } from "node:test";
import { type FreshDatabase, freshDatabase, type Kind } from "../../support/database.ts";
import { startPgBouncer } from "../../support/servers/pgbouncer.ts";
import { until } from "../../support/wait.ts";
import { applied, log, project, rows } from "./project.ts";

/** Sixteen and twenty are what the promise is measured with (`npm run soak -- rider`); a few of each keep every run honest. */
const PROCESSES = Number(process.env.APOCRYPHAN_SOAK_PROCESSES ?? 6);
const ROUNDS = Number(process.env.APOCRYPHAN_SOAK_ROUNDS ?? 1);

/** Each step adds 10, some of them taking their time in the server, so that a kill meets them at work. */
function files(dialect: string): Record<string, string> {
  const wait: Record<string, string> = {
    postgresql: "where (select pg_sleep(0.2)) is not null",
    mysql: "where sleep(0.2) = 0",
    sqlite: "",
  };
  const add = `update account set balance = balance + 10 ${wait[dialect]};`;
  return {
    "1-account.sql":
      "create table account (id int primary key, balance int not null);\ninsert into account values (1, 0);",
    "2-slow.sql": `${add}\nalter table account add column a int;\n${add}`,
    "3-function.ts": `import { step } from "apocryphan/rider";
export const depends = ["2-slow"];
export const steps = [step(async (db) => {
  await db.sql(${JSON.stringify(add.slice(0, -1))});
  await db.sql("create table more (id int)");
  await db.sql("update account set balance = balance + 10");
})];
`,
    "4-alone.sql": `-- transactional: false\n${add}\ncreate index account_balance on account (balance);\n${add}`,
    "5-last.sql": "update account set balance = balance + 10;",
  };
}

/** Numbers that are the same again for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function round(database: FreshDatabase, url: string, seed: number): Promise<void> {
  const random = chance(seed);
  const here = project(files(database.dialect));
  const runs = Array.from({ length: PROCESSES }, () => here.start("migrate", "--url", url, "--json"));
  const killed = new Set<number>();
  // Half of them are killed, at moments all over the time that the work takes.
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 0) continue;
    setTimeout(
      () => {
        if (run.process.exitCode === null && run.process.kill("SIGKILL")) killed.add(i);
      },
      300 + random() * 4000,
    ).unref();
  }
  const ended = await Promise.all(runs.map((run) => run.ended));
  for (const [i, { code, signal, stderr }] of ended.entries()) {
    assert.ok(
      code === 0 || (signal === "SIGKILL" && killed.has(i)),
      `seed ${seed}: ${code} ${signal} ${stderr}`,
    );
  }
  const last = await here.rider("migrate", "--url", url, "--json");
  assert.equal(last.code, 0, `seed ${seed}: ${last.stderr}`);
  assert.deepEqual(await rows(database, "select balance from account"), [{ balance: 70 }], `seed ${seed}`);
  const ids = ["1-account", "2-slow", "3-function", "4-alone", "5-last"];
  assert.deepEqual(await applied(database), ids);
  assert.deepEqual(
    (await log(database)).sort(),
    ids.map((id) => `apply ${id}`),
  );
  await noLockIsLeft(database);
}

async function noLockIsLeft(database: FreshDatabase): Promise<void> {
  if (database.dialect !== "postgresql") return;
  await until("the locks to be gone", async () => {
    const left = await database.exec(
      "select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    return left.length === 0;
  });
}

const FIRST = Number(process.env.APOCRYPHAN_SEED ?? Math.floor(Math.random() * 2 ** 31));
const MANY = `${PROCESSES} processes${ROUNDS === 1 ? "" : `, ${ROUNDS} rounds`}, half of them killed`;

for (const kind of ["postgresql", "mysql", "sqlite"] as const satisfies Kind[]) {
  test(`${MANY}: every step is applied once (${kind})`, async () => {
    for (let n = 0; n < ROUNDS; n++) {
      const database = await freshDatabase(kind);
      await round(database, database.url, FIRST + n);
    }
  });
}

test(`${MANY}, behind a PgBouncer in transaction mode: every step is applied once`, async () => {
  for (let n = 0; n < ROUNDS; n++) {
    const database = await freshDatabase("postgresql");
    const bouncer = await startPgBouncer(database.url, { poolMode: "transaction", poolSize: 4 });
    try {
      await round(database, bouncer.url, FIRST + n);
    } finally {
      await bouncer[Symbol.asyncDispose]();
    }
  }
});
