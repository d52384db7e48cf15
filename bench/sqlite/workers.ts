/**
 * `node --conditions=apocryphan-source bench/sqlite/workers.ts [rounds]`: what worker threads give and cost on SQLite,
 * compared with connections in the program's own thread. Medians of rounds that take turns, so that a machine that gets
 * busy is busy for both.
 */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type PooledOptions, PooledSQLiteDatabase } from "apocryphan/pool";
import { contactsFile, ROWS } from "./file.ts";
import { median, milliseconds } from "./rounds.ts";

const rounds = Number(process.argv[2] ?? 9);
const file = await contactsFile();
const open = (options: PooledOptions) => new PooledSQLiteDatabase({ database: file, timeout: 0, ...options });

const slow = (n: number): string =>
  `with recursive c(x) as (select 1 union all select x + 1 from c where x < ${n}) select sum(x) as s from c`;

/** How far a count must go to take some 200 ms here. */
async function twoHundred(): Promise<number> {
  const db = open({ workers: false });
  const took = await db.withConnection(() => median(3, () => milliseconds(() => db.select(slow(500_000)))));
  await db.closeAll();
  return Math.round((500_000 * 200) / took);
}

/** The longest that a timer of 1 ms was late while one such query ran. */
async function heldUp(db: PooledSQLiteDatabase, n: number): Promise<number> {
  return db.withConnection(async () => {
    await db.select(slow(10));
    let longest = 0;
    let last = performance.now();
    const look = (): void => {
      const now = performance.now();
      longest = Math.max(longest, now - last - 1);
      last = now;
    };
    const timer = setInterval(look, 1);
    await db.select(slow(n));
    look();
    clearInterval(timer);
    return longest;
  });
}

const WIDTH = 100;
const select = (db: { select(text: string, values: unknown[]): Promise<unknown> }, i: number) =>
  db.select("select * from contacts where id = ?", [(i * 7919) % ROWS]);
const all = (one: (i: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: WIDTH }, (_, i) => one(i)));

/** Ways to have a hundred point selects under way. */
const SHAPES: Record<string, (db: PooledSQLiteDatabase) => Promise<unknown>> = {
  "side by side in two scopes": (db) =>
    Promise.all(
      [0, 1].map((half) =>
        db.withConnection((conn) =>
          Promise.all(Array.from({ length: WIDTH / 2 }, (_, i) => select(conn, 2 * i + half))),
        ),
      ),
    ),
  "outside of scopes (autoconnect)": (db) => all((i) => select(db, i)),
  "a scope for each": (db) => all((i) => db.withConnection((conn) => select(conn, i))),
};

/** Statements a second. */
async function throughput(db: PooledSQLiteDatabase, shape: (db: PooledSQLiteDatabase) => Promise<unknown>) {
  const repeats = 20;
  const took = await milliseconds(async () => {
    for (let i = 0; i < repeats; i++) await shape(db);
  });
  return (repeats * WIDTH * 1000) / took;
}

/** How much more two threads get done than one that do nothing but count: what this machine has to give at the moment. */
async function spare(): Promise<number> {
  const program = `const { parentPort } = require("node:worker_threads");
    parentPort.on("message", (n) => { let x = 0; for (let i = 0; i < n; i++) x += i % 7; parentPort.postMessage(x); });`;
  const threads = [0, 1].map(() => new Worker(program, { eval: true }));
  const count = (some: readonly Worker[]): Promise<number> =>
    milliseconds(() =>
      Promise.all(
        some.map((thread) => {
          thread.postMessage(100_000_000);
          return once(thread, "message");
        }),
      ),
    );
  await count(threads);
  const gain = await median(5, async () => (2 * (await count(threads.slice(1)))) / (await count(threads)));
  await Promise.all(threads.map((thread) => thread.terminate()));
  return gain;
}

/** Slow queries a second by so many readers at once. */
async function reading(db: PooledSQLiteDatabase, readers: number, n: number): Promise<number> {
  const each = 3;
  const took = await milliseconds(() =>
    Promise.all(
      Array.from({ length: readers }, () =>
        db.withConnection(async (conn) => {
          for (let i = 0; i < each; i++) await conn.select(slow(n));
        }),
      ),
    ),
  );
  return (readers * each * 1000) / took;
}

const print = (name: string, value: string): void => console.log(`${name.padEnd(62)} ${value}`);
const middle = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

console.log(`Node.js ${process.version}, ${availableParallelism()} cores, ${rounds} rounds, medians`);
for (const client of ["node:sqlite", "better-sqlite3"]) {
  console.log(`\n${client}`);
  const n = await twoHundred();
  const inThread = open({ client, workers: false, autoconnect: true });
  const two = open({ client, workers: 2, autoconnect: true });

  const held = { inThread: [] as number[], two: [] as number[] };
  for (let i = 0; i < rounds; i++) {
    held.inThread.push(await heldUp(inThread, n));
    held.two.push(await heldUp(two, n));
  }
  print("a 200 ms query holds up the event loop, in this thread", `${middle(held.inThread).toFixed(0)} ms`);
  print(
    "the same, in a worker",
    `${middle(held.two).toFixed(1)} ms (longest ${Math.max(...held.two).toFixed(1)})`,
  );

  for (const [name, shape] of Object.entries(SHAPES)) {
    for (let i = 0; i < 20; i++) {
      await shape(inThread);
      await shape(two);
    }
    const a: number[] = [];
    const b: number[] = [];
    for (let i = 0; i < rounds; i++) {
      a.push(await throughput(inThread, shape));
      b.push(await throughput(two, shape));
    }
    print(`100 point selects, ${name}, in this thread`, `${Math.round(middle(a))} a second`);
    const ratio = middle(a.map((value, i) => (b[i] as number) / value));
    print("the same, two workers", `${Math.round(middle(b))} a second, ${ratio.toFixed(2)} ×`);
  }

  print("two threads that only count do the work of one", `${(await spare()).toFixed(2)} ×`);
  const gains: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const one = await reading(two, 1, n / 4);
    gains.push((await reading(two, 2, n / 4)) / one);
  }
  print("two readers do the work of one", `${middle(gains).toFixed(2)} ×`);
  await inThread.closeAll();
  await two.closeAll();
}
