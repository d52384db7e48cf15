import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Multiplexer } from "../../../src/database/multiplex/multiplexer.ts";
import { Texts } from "../../../src/database/multiplex/texts.ts";
import type { Asker, Connection, Result } from "../../../src/driver/driver.ts";
import { parsePoolOptions } from "../../../src/pool/options.ts";
import { Pool } from "../../../src/pool/pool.ts";
import type { Resource } from "../../../src/pool/resource.ts";
import { FakeClock, settle } from "../pool/support.ts";

const NOTHING: Result = { rows: [], columns: [], rowCount: 0, lastInsertId: null };

/** Connections that answer when the test says so. */
class Line {
  /** What was sent and not answered yet, in its order. */
  readonly underWay: { readonly text: string; readonly answer: () => void }[] = [];
  readonly clock = new FakeClock();
  readonly pool: Pool<Connection>;
  readonly #multiplexer: Multiplexer;

  constructor(maxConnections: number) {
    const send = ({ text }: { text: string }, asker: Asker): void =>
      void this.underWay.push({ text, answer: () => asker.answered(NOTHING) });
    const resource: Resource<Connection> = {
      open: async () => ({ standing: "idle", queryAlone: send }) as unknown as Connection,
      close: async () => {},
      usable: () => true,
      check: async () => true,
      reset: () => true,
      onLost: () => {},
    };
    const { clock } = this;
    const loop = { afterTurn: (fn: () => void) => void setImmediate(fn), idleTime: () => clock.asleep };
    this.pool = new Pool(resource, parsePoolOptions({ maxConnections, timeout: 0 }), {
      ...{ clock, chance: () => 0.5, loop },
    });
    this.#multiplexer = new Multiplexer(this.pool, new Texts("postgresql"), undefined, () => clock.asleep);
  }

  run(text: string): Promise<Result> {
    const known = this.#multiplexer.texts.of(text);
    return this.#multiplexer.run({ text, values: [] }, known, () => []);
  }

  /** So many milliseconds is what a statement is known to take. */
  knows(text: string, ms: number): void {
    this.#multiplexer.texts.of(text).took(ms);
  }

  get sent(): string[] {
    return this.underWay.map(({ text }) => text);
  }

  /** Answers the earliest with this text. */
  async answer(text: string): Promise<void> {
    const at = this.sent.indexOf(text);
    assert.ok(at >= 0, `${text} was not sent`);
    this.underWay.splice(at, 1)[0]?.answer();
    await settle();
  }
}

test("nobody is taken for waiting who is not, when the pool has lent several connections in one go", async () => {
  const line = new Line(2);
  mock.method(performance, "now", () => line.clock.now());
  const loans = await Promise.all([line.pool.acquire(), line.pool.acquire()]);
  for (const loan of loans) line.pool.release(loan);
  // Once is enough to know that it is quick.
  void line.run("select 1");
  await line.answer("select 1");
  // Long enough for what lies idle to be looked at before it is lent: both are, and both are lent in one go.
  line.clock.block(10);
  for (let i = 0; i < 5; i++) void line.run("select 1");
  assert.deepEqual(line.sent, []);
  await settle();
  assert.equal(line.sent.length, 5);
  // Nobody waits any more: what comes next goes in the caller's own turn, behind its like.
  for (let i = 0; i < 5; i++) void line.run("select 1");
  assert.equal(line.sent.length, 10);
  mock.restoreAll();
});

test("where nothing lies idle a statement goes where it waits for the shortest time, rather than into the line", async () => {
  const line = new Line(2);
  mock.method(performance, "now", () => line.clock.now());
  const [held, other] = await Promise.all([line.pool.acquire(), line.pool.acquire()]);
  line.pool.release(other);
  line.knows("select 1", 1);
  // Each takes a millisecond: two are more than is negligible, five more than is bearable.
  for (let i = 0; i < 8; i++) void line.run("select 1");
  assert.equal(line.sent.length, 5);
  assert.equal(line.pool.stats().waiting, 3);
  await line.answer("select 1");
  assert.equal(line.sent.length, 5, "the next in line follows at once");
  assert.equal(line.pool.stats().waiting, 2);
  line.pool.release(held);
  mock.restoreAll();
});
