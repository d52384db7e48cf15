import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { expect, load } from "../harness/load.ts";
import type { Contestant, Figures, Part, Trial } from "../harness/part.ts";
import { betterSqlite3, betterSqlite3InWorker, nodeSqlite, ours, type SQLite } from "../versus/sqlite.ts";
import { CONTACTS, type Contact } from "../versus/statements.ts";
import { contactOf } from "./contacts.ts";
import { STATEMENT_METRICS } from "./postgres.ts";

const WIDTHS = [1, 10, 100, 1000];
const IN_THREAD = "better-sqlite3, in this thread";
const IN_WORKER = "better-sqlite3, in a worker of its own";
const BUILT_IN = "node:sqlite, in this thread";
const OURS_IN_THREAD = [
  "apocryphan, workers: false",
  "apocryphan by better-sqlite3, workers: false",
] as const;
const OURS_IN_WORKERS = ["apocryphan, two workers", "apocryphan by better-sqlite3, two workers"] as const;
const TWO_WORKERS = { ours: OURS_IN_WORKERS[0], metric: "perSecond" };

const CLIENTS: readonly (readonly [string, readonly string[], (file: string) => SQLite | Promise<SQLite>])[] =
  [
    [OURS_IN_THREAD[0], [], (file) => ours(file, "node:sqlite", 0)],
    [OURS_IN_WORKERS[0], [], (file) => ours(file, "node:sqlite", 2)],
    [OURS_IN_THREAD[1], [], (file) => ours(file, "better-sqlite3", 0)],
    [OURS_IN_WORKERS[1], [], (file) => ours(file, "better-sqlite3", 2)],
    [BUILT_IN, [], nodeSqlite],
    [IN_THREAD, ["better-sqlite3"], betterSqlite3],
    [IN_WORKER, ["better-sqlite3"], betterSqlite3InWorker],
  ];

function contestants(measure: (db: SQLite, trial: Trial) => Promise<Figures>): Contestant[] {
  return CLIENTS.map(([name, peers, open]) => ({
    name,
    peers,
    async run(trial) {
      const folder = mkdtempSync(join(tmpdir(), "apocryphan-bench-"));
      try {
        const file = join(folder, "contacts.db");
        fill(file);
        const db = await open(file);
        try {
          return await measure(db, trial);
        } finally {
          await db.close();
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  }));
}

/** With a write-ahead log for everybody: our pool switches to it, so the others have it too. */
function fill(file: string): void {
  const db = new DatabaseSync(file);
  db.exec(`pragma journal_mode = wal;
    create table contacts (id integer primary key, name text not null, age int not null);
    with recursive c(id) as (select 1 union all select id + 1 from c where id < ${CONTACTS})
    insert into contacts select id, 'name ' || id, id % 80 from c;`);
  db.close();
}

async function points(db: SQLite, trial: Trial): Promise<Figures> {
  return load(async (i) => {
    const id = contactOf(i);
    const rows = await db.select<Contact>("select id, name, age from contacts where id = ?", [id]);
    expect(rows[0]?.name, `name ${id}`);
  }, trial);
}

/** A query that only counts; `n` says for how long. */
const counting =
  "with recursive c(x) as (select 1 union all select x + 1 from c where x < ?) select count(*) as n from c";

/** How far it has to count to take so many milliseconds here. */
async function countFor(db: SQLite, milliseconds: number): Promise<number> {
  const n = 500_000;
  const took: number[] = [];
  for (let i = 0; i < 3; i++) {
    const from = performance.now();
    await db.select(counting, [n]);
    took.push(performance.now() - from);
  }
  return Math.round((n * milliseconds) / Math.min(...took));
}

/** The longest that a timer of 1 ms was late while a query of 200 ms ran. */
async function heldUp(db: SQLite): Promise<Figures> {
  const n = await countFor(db, 200);
  let late = 0;
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    late = Math.max(late, now - last - 1);
    last = now;
  };
  const timer = setInterval(look, 1);
  const [row] = await db.select<{ n: number }>(counting, [n]);
  look();
  clearInterval(timer);
  expect(row?.n, n);
  return { late };
}

/** Slow queries a second. */
async function reading(db: SQLite, trial: Trial): Promise<Figures> {
  const n = await countFor(db, 20);
  return load(async () => {
    const [row] = await db.select<{ n: number }>(counting, [n]);
    expect(row?.n, n);
  }, trial);
}

/** What two processors have to give at the moment: threads that do nothing but count. */
const threads: Contestant = {
  name: "threads that only count",
  peers: [],
  async run(trial) {
    const program = `const { parentPort } = require("node:worker_threads");
      parentPort.on("message", (n) => { let x = 0; for (let i = 0; i < n; i++) x += i % 7; parentPort.postMessage(x); });`;
    const all = Array.from({ length: trial.width }, () => new Worker(program, { eval: true }));
    const free = [...all];
    const { perSecond = 0 } = await load(async () => {
      // There are as many as callers.
      const thread = free.pop() as Worker;
      thread.postMessage(10_000_000);
      await once(thread, "message");
      free.push(thread);
    }, trial);
    await Promise.all(all.map((thread) => thread.terminate()));
    return { perSecond };
  },
};

export const sqlite: Part = {
  name: "sqlite",
  title: "SQLite",
  about: [
    "`points`: each caller selects a row of three columns by its primary key, checks it and goes on; ours outside of any scope (`autoconnect`). Everybody has a write-ahead log and prepares the statement once.",
    "`held`: while a query of 200 ms runs, the longest time for which a timer of one millisecond was late: for so long nothing else in the program ran.",
    "`reading`: queries that count for some 20 ms, by one caller and by two at once; beside them threads that only count, for what the machine has to give.",
  ],
  leftOut: ["Writes: SQLite has one writer at a time, and waits for the disk; a client changes little."],
  flatters: [
    "In one's own thread a call of better-sqlite3 is a function call, and returns in microseconds; whoever asks one thing after the other and needs nothing of a pool is served best by that. Ours gains where callers come side by side, since what they look up is read as of one moment, with one lock of the file for all of them; by hand that is a transaction around them. A worker thread costs a message each way, and keeps the program going meanwhile, which `held` shows.",
    "With two processors, two workers and the program's own thread share them, so two readers gain less than they would elsewhere.",
  ],
  needs: [],
  rounds: 3,
  cases: [
    {
      name: "points",
      title: "Point selects",
      widths: WIDTHS,
      contestants: contestants(points),
      metrics: STATEMENT_METRICS,
      seconds: 0.8,
    },
    {
      name: "held",
      title: "How long a query of 200 ms holds up the program",
      widths: [1],
      contestants: contestants(heldUp),
      metrics: [{ name: "late", title: "ms", better: "less" }],
      seconds: 0,
    },
    {
      name: "reading",
      title: "Slow queries, by one reader and by two",
      widths: [1, 2],
      contestants: [...contestants(reading), threads],
      metrics: [{ name: "perSecond", title: "a second", better: "more" }],
      seconds: 0.8,
    },
  ],
  targets: [
    ...WIDTHS.flatMap((width) => {
      const against = (names: readonly string[], than: readonly string[]) => ({
        ...{ case: "points", width, metric: "perSecond", ours: names, than, atLeast: 1 },
      });
      return [against(OURS_IN_THREAD, [IN_THREAD, BUILT_IN]), against(OURS_IN_WORKERS, [IN_WORKER])];
    }),
    { ...TWO_WORKERS, case: "points", width: 100, than: [OURS_IN_THREAD[0]], atLeast: 0.55 },
    { ...TWO_WORKERS, case: "reading", width: 2, thanOwnWidth: 1, atLeast: 1.6 },
  ],
};
