import assert from "node:assert/strict";
import { test } from "node:test";
import { PostgreSQLDatabase } from "apocryphan";
import { originOf } from "../../../src/base/origin.ts";
import type { Founder } from "../../../src/database/foundation.ts";
import { postgresql } from "../../../src/dialect/postgresql.ts";
import type { Connection, Result, Standing, Statement } from "../../../src/driver/driver.ts";

/** A small generator of numbers, so that a failing program can be run again by its seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const NOTHING: Result = { rows: [], columns: [], rowCount: 0, lastInsertId: null };

/** A connection that writes down what it is sent, answers in order, and takes its time. */
class Recorder implements Connection {
  readonly raw = this;
  readonly log: string[] = [];
  standing: Standing = "idle";
  #chance: () => number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(chance: () => number) {
    this.#chance = chance;
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }

  query({ text }: Statement): Promise<Result> {
    this.log.push(text);
    this.#waiting++;
    const answer = this.#last.then(async () => {
      for (let wait = this.#chance(); wait < 0.4; wait = this.#chance()) await tick();
      if (text === "begin") this.standing = "transaction";
      if (text === "commit" || text === "rollback") this.standing = "idle";
      this.#waiting--;
      return NOTHING;
    });
    this.#last = answer;
    return answer;
  }

  async *stream(): AsyncIterableIterator<Record<string, unknown>[]> {}
  async cancel(): Promise<void> {}
  async ping(): Promise<void> {}
  reset(): boolean {
    return true;
  }
  async close(): Promise<void> {}
  onLost(): void {}
}

function databaseOn(connection: Connection): PostgreSQLDatabase {
  const lease = { item: connection, lost: undefined };
  const found: Founder = () => ({
    dialect: postgresql,
    autoconnect: false,
    source: {
      origin: originOf("postgresql", [], "fake"),
      acquire: () => lease,
      release() {},
      destroy: async () => {},
      dispose: async () => {},
    },
    connector: undefined as never,
  });
  return new PostgreSQLDatabase({}, found);
}

/** Runs a random program in one connection's scope; every statement carries the number of the block it is issued in. */
async function runProgram(seed: number): Promise<string[]> {
  const chance = numbers(seed);
  const connection = new Recorder(chance);
  const db = databaseOn(connection);
  let blocks = 0;
  const work = async (block: number, depth: number): Promise<void> => {
    for (let steps = 1 + Math.floor(chance() * 4); steps > 0; steps--) {
      const kind = chance();
      if (kind < 0.35) await db.sql(`statement ${block}`);
      else if (kind < 0.5) await tick();
      else if (kind < 0.75 && depth < 4) await atomic(depth + 1);
      else if (depth < 4)
        await Promise.all([work(block, depth + 1), atomic(depth + 1), work(block, depth + 1)]);
    }
  };
  const atomic = async (depth: number): Promise<void> => {
    const block = ++blocks;
    const fails = chance() < 0.3;
    const failure = new Error("meant");
    await db
      .atomic(async () => {
        await work(block, depth);
        if (fails) throw failure;
      })
      .catch((error: unknown) => {
        if (error !== failure) throw error;
      });
  };
  await db.withConnection(async () => {
    await Promise.all([work(0, 0), work(0, 0), work(0, 0)]);
  });
  return connection.log;
}

/** Every bracket closes what was opened last, and holds statements of one block only, which stand nowhere else. */
function check(log: readonly string[]): void {
  const open: { block: number | undefined; name: string }[] = [{ block: 0, name: "" }];
  const seen = new Set<number>();
  let rollingBack = "";
  for (const text of log) {
    const top = open.at(-1) as { block: number | undefined; name: string };
    if (text === "begin" || text.startsWith("savepoint ")) {
      assert.equal(text === "begin", open.length === 1, "begin outside, savepoints inside");
      open.push({ block: undefined, name: text.replace("savepoint ", "") });
    } else if (text === "commit" || text === "rollback") {
      assert.equal(top.name, "begin");
      open.pop();
    } else if (text.startsWith("rollback to savepoint ")) {
      assert.equal(top.name, text.replace("rollback to savepoint ", ""));
      rollingBack = top.name;
    } else if (text.startsWith("release savepoint ")) {
      assert.equal(top.name, text.replace("release savepoint ", ""));
      assert.ok(rollingBack === "" || rollingBack === top.name);
      rollingBack = "";
      open.pop();
    } else {
      const block = Number(text.replace("statement ", ""));
      if (top.block === undefined) {
        assert.ok(!seen.has(block), `block ${block} stands in one bracket only`);
        top.block = block;
        seen.add(block);
      }
      assert.equal(block, top.block, "a statement stands in its own block");
    }
  }
  assert.equal(open.length, 1, "every bracket was closed");
}

test("however promises interleave, a statement runs in the block it was issued in and in no other", async () => {
  const first = Number(process.env.APOCRYPHAN_SEED ?? 1);
  const count = process.env.APOCRYPHAN_SEED === undefined ? 300 : 1;
  let longest = 0;
  for (let seed = first; seed < first + count; seed++) {
    const log = await runProgram(seed);
    longest = Math.max(longest, log.length);
    try {
      check(log);
    } catch (error) {
      throw new Error(`seed ${seed} (run it alone with APOCRYPHAN_SEED=${seed}): ${log.join("; ")}`, {
        cause: error,
      });
    }
  }
  assert.ok(longest > 30, "the programs are not trivial");
});
