/**
 * A program that uses a pool and has no handler for anything: an unhandled error of any kind ends it. Reads one JSON
 * command a line, each answered by one line; ends with code 0 when its input does.
 */
import { createInterface } from "node:readline";
import { PooledMySQLDatabase, type PooledOptions, PooledPostgreSQLDatabase } from "apocryphan/pool";
import { FACTS, type ServerKind, warm } from "../support.ts";

const [kind, given] = process.argv.slice(2) as [ServerKind, string];
const options: PooledOptions = JSON.parse(given);
const db = kind === "postgresql" ? new PooledPostgreSQLDatabase(options) : new PooledMySQLDatabase(options);

/** Ends of what is under way. */
const running: Promise<unknown>[] = [];
const outcome = (work: Promise<unknown>): void => {
  running.push(
    work.then(
      () => "done",
      (error: Error) => error.name,
    ),
  );
};

const commands: Record<string, (n: number) => unknown> = {
  warm: async (n) => (await warm(db, n)).size,
  /** Holds connections while it awaits something else: no statement is under way. */
  hold: async (n) => {
    let there = 0;
    released = false;
    await new Promise<void>((resolve) => {
      for (let i = 0; i < n; i++) {
        outcome(
          db.withConnection(async () => {
            await db.sql("select 1");
            if (++there === n) resolve();
            while (!released) await new Promise((next) => setTimeout(next, 5));
            await db.sql("select 1");
          }),
        );
      }
    });
    return there;
  },
  release: () => {
    released = true;
  },
  /** Starts statements that last, one in a transaction. */
  use: async (n) => {
    for (let i = 0; i < n; i++) {
      const work = () => db.sql(FACTS[kind].sleep(60));
      outcome(db.withConnection(() => (i === 0 ? db.atomic(work) : work())));
    }
  },
  cursor: async () => {
    outcome(
      db.withConnection(async () => {
        for await (const _ of db.cursor(FACTS[kind].sleep(60)));
      }),
    );
  },
  /** What came of everything that was started. */
  outcomes: () => Promise.all(running.splice(0)),
  query: async () => {
    const began = performance.now();
    await db.withConnection(() => db.sql("select 1"));
    return performance.now() - began;
  },
  stats: () => db.stats(),
  close: () => db.closeAll(),
};
let released = false;

for await (const line of createInterface({ input: process.stdin })) {
  const [name, n] = JSON.parse(line) as [string, number];
  const answer = await Promise.resolve(commands[name]?.(n)).then(
    (value) => ({ value: value ?? null }),
    (error: Error) => ({ error: `${error.name}: ${error.message}` }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await db.closeAll();
