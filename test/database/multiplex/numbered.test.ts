import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortError, ConnectionLostError, DatabaseError, StatementTimeoutError } from "apocryphan";
import { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";

/** Seconds; `npm run soak -- numbered` asks for more. */
const SECONDS = Number(process.env.APOCRYPHAN_SOAK_SECONDS ?? 4);
const CALLERS = 200;
const DONE = Symbol("done");

type Database = Awaited<ReturnType<typeof openPooled>>;

/** What one caller does with its number; the answer must be its own. Each may also hear that its connection was lost. */
const DEEDS: readonly ((db: Database, n: number) => Promise<unknown>)[] = [
  async (db, n) => assert.deepEqual(await db.get("select $1::int as n", [n]), { n }),
  async (db, n) => assert.deepEqual(await db.select("select $1::int as n, 'é' as e", [n]), [{ n, e: "é" }]),
  async (db, n) => {
    const rows = await db.select<{ n: number }>("select $1::int + i as n from generate_series(0, 9) i", [n]);
    assert.deepEqual(
      rows.map((row) => row.n),
      Array.from({ length: 10 }, (_, i) => n + i),
    );
  },
  // A large answer, so that answers end in the middle of what the socket hands over.
  async (db, n) => {
    const row = await db.get<{ s: string }>("select repeat($1::text, 5000) as s", [`${n} `]);
    assert.equal(row.s, `${n} `.repeat(5000));
  },
  // Errors, each with its own number in it.
  async (db, n) =>
    assert.rejects(
      db.select("select ('x' || $1::text)::int", [n]),
      lostOr((e) => e.sqlState === "22P02"),
    ),
  async (db, n) =>
    assert.rejects(
      db.select(`select no_such_column_${n}`),
      lostOr((e) => e.message.includes(`no_such_column_${n}`)),
    ),
  async (db, n) => {
    const key = await db.insert("insert into numbers (n) values ($1) returning n", [n]);
    assert.equal(key, n);
  },
  // Cancellations, by signal and by time.
  async (db, n) => {
    const asking = db.get("select $1::int as n, pg_sleep(5)", [n], { timeout: "30ms" });
    await assert.rejects(asking, (e) => e instanceof StatementTimeoutError || isLost(e));
  },
  async (db, n) => {
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    const asking = db.get("select $1::int as n, pg_sleep(5)", [n], { signal: stop.signal });
    await assert.rejects(asking, (e) => e instanceof AbortError || isLost(e));
  },
  async (db, n) => {
    const row = await db.get<{ n: number }>("select $1::int as n, pg_sleep(0.02)", [n]);
    assert.equal(row.n, n);
  },
  // Scopes among them.
  async (db, n) =>
    db.context(() =>
      db.atomic(async (tx) => {
        assert.deepEqual(await tx.get("select $1::int as n", [n]), { n });
        await tx.sql("insert into numbers (n) values ($1)", [-n - 1]);
      }),
    ),
];

function isLost(error: unknown): boolean {
  return error instanceof ConnectionLostError;
}

function lostOr(is: (error: DatabaseError) => boolean): (error: unknown) => boolean {
  return (error) => isLost(error) || (error instanceof DatabaseError && is(error));
}

/** The same on MariaDB and MySQL, by the client that sends ahead of the answers. */
const ON_MYSQL: typeof DEEDS = [
  async (db, n) => assert.deepEqual(await db.get("select cast(? as signed) as n", [n]), { n }),
  async (db, n) => assert.deepEqual(await db.select(`select ${n} as n, 'é' as e`), [{ n, e: "é" }]),
  async (db, n) => {
    const rows = await db.select<{ n: number }>(
      "select cast(? as signed) as n union all select cast(? as signed)",
      [n, n + 1],
    );
    assert.deepEqual(
      rows.map((row) => row.n),
      [n, n + 1],
    );
  },
  async (db, n) => {
    const row = await db.get<{ s: string }>("select repeat(?, 5000) as s", [`${n} `]);
    assert.equal(row.s, `${n} `.repeat(5000));
  },
  async (db, n) =>
    assert.rejects(
      db.select(`select no_such_column_${n}`),
      lostOr((e) => e.message.includes(`no_such_column_${n}`)),
    ),
  async (db, n) =>
    assert.rejects(
      db.select("select no_such_function(?)", [n]),
      lostOr((e) => e.message.includes("no_such_function")),
    ),
  async (db, n) => {
    const { rowCount } = await db.sql("insert into numbers (n) values (?)", [n]);
    assert.equal(rowCount, 1);
  },
  async (db, n) => {
    const asking = db.get("select ? as n, sleep(5)", [n], { timeout: "30ms" });
    await assert.rejects(asking, (e) => e instanceof StatementTimeoutError || isLost(e));
  },
  async (db, n) => {
    const row = await db.get<{ n: number }>("select cast(? as signed) as n, sleep(0.02)", [n]);
    assert.equal(row.n, n);
  },
  async (db, n) =>
    db.context(() =>
      db.atomic(async (tx) => {
        assert.deepEqual(await tx.get("select cast(? as signed) as n", [n]), { n });
        await tx.sql("insert into numbers (n) values (?)", [-n - 1]);
      }),
    ),
];

/** What the two servers differ in. */
const WORLDS = [
  {
    kind: "postgresql",
    client: {},
    deeds: DEEDS,
    /** Ends two connections, whoever has them; gives how many. */
    async kill({ fresh }: Database): Promise<number> {
      const [row] = await fresh.exec<{ n: number }>(
        "select count(pg_terminate_backend(pid))::int as n from (select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() order by random() limit 2) as victims",
      );
      return row?.n ?? 0;
    },
  },
  {
    kind: "mysql",
    client: { client: "mariadb" },
    deeds: ON_MYSQL,
    async kill({ fresh }: Database): Promise<number> {
      const victims = await fresh.exec<{ id: number }>(
        "select id from information_schema.processlist where db = database() and id <> connection_id() order by rand() limit 2",
      );
      // Some have ended by themselves meanwhile.
      const killed = await Promise.allSettled(victims.map(({ id }) => fresh.exec(`kill ${id}`)));
      return killed.filter(({ status }) => status === "fulfilled").length;
    },
  },
] as const;

for (const { kind, client, deeds, kill } of WORLDS)
  test(`under errors, cancellations and killed connections each statement gets its own answer, ${kind}`, async (t) => {
    const db = await openPooled(kind, t, { ...client, autoconnect: true, maxConnections: 8, timeout: 0 });
    await db.sql("create table numbers (n int primary key)");
    const end = performance.now() + SECONDS * 1000;
    let next = 0;
    let lost = 0;
    const mistakes: unknown[] = [];
    const callers = Array.from({ length: CALLERS }, async () => {
      while (performance.now() < end && mistakes.length === 0) {
        const n = next++;
        // Mostly small ones, as in life; the others in turn.
        const deed = n % 3 === 0 ? deeds[(n / 3) % deeds.length] : deeds[n % 2];
        await deed?.(db, n).catch((error: unknown) => {
          if (isLost(error)) lost++;
          else mistakes.push(error);
        });
      }
    });
    let killed = 0;
    const working = Promise.all(callers).then(() => DONE);
    while ((await Promise.race([working, new Promise((wake) => setTimeout(wake, 300))])) !== DONE) {
      killed += await kill(db);
    }
    assert.deepEqual(mistakes, []);
    assert.ok(killed > 0);
    // Nothing stays behind; that of a statement that was given up comes back when the server has answered.
    await until("all connections to come back", () => db.stats().inUse === 0);
    assert.equal(db.stats().waiting, 0);
    t.diagnostic(`${next} calls, ${killed} connections killed, ${lost} calls heard of it`);
  });
