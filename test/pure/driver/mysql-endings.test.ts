import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ending, endSession, type Messenger } from "../../../src/driver/mysql-endings.ts";

const PATIENCE = 5000;

/** A server that has been up for so many seconds, and takes its time to say so. */
class Server {
  readonly uptime: number;
  readonly slow: number;
  /** Milliseconds for which each session has been at what it does, by its number. */
  readonly sessions = new Map<number, number>();
  readonly killed: number[] = [];
  looks = 0;

  constructor(uptime: number, slow = 0) {
    this.uptime = uptime;
    this.slow = slow;
  }

  readonly send = async (): Promise<Messenger> => ({
    ask: async (sql) => {
      if (sql.includes("Uptime")) {
        await new Promise((resolve) => setTimeout(resolve, this.slow));
        return [["Uptime", String(this.uptime)]];
      }
      const [, number] = sql.match(/^kill (\d+)$/) ?? [];
      if (number !== undefined) {
        this.killed.push(Number(number));
        this.sessions.delete(Number(number));
        return [];
      }
      this.looks++;
      return [...this.sessions].map(([id, ms]) => [id, Math.floor(ms / 1000)]);
    },
    leave: async () => {},
  });

  /** Settles when it has been asked for its sessions so many times, or the time for that is over. */
  async looked(times: number): Promise<void> {
    const until = performance.now() + PATIENCE;
    while (this.looks < times && performance.now() < until)
      await new Promise((resolve) => setImmediate(resolve));
  }
}

function ending(id: number, age: number, lost: number | undefined): Ending {
  const now = performance.now();
  return { id, openedAt: now - age, lostAt: lost === undefined ? undefined : now - lost };
}

test("a session whose statement has run since before its connection broke is killed, and gone when the server has it no more", async () => {
  const server = new Server(60);
  server.sessions.set(7, 5000);
  assert.equal(await endSession("killed", ending(7, 30_000, 2000), server.send, PATIENCE), true);
  assert.deepEqual(server.killed, [7]);
});

test("a session older than the server is gone, and who has its number now is left alone", async () => {
  const server = new Server(10);
  server.sessions.set(7, 5000);
  assert.equal(await endSession("older", ending(7, 20_000, 4000), server.send, PATIENCE), true);
  assert.deepEqual(server.killed, []);
});

test("a session that came soon after the server is not taken for a forgotten one where the server is slow to say how old it is", async () => {
  // Up for 1.9 s when it was asked, which it calls 1; the session came 0.3 s after it.
  const server = new Server(1, 900);
  server.sessions.set(7, 300);
  let gone: boolean | undefined;
  const ended = endSession("young", ending(7, 1600, 100), server.send, PATIENCE).then((answer) => {
    gone = answer;
  });
  await server.looked(3);
  assert.equal(gone, undefined);
  assert.deepEqual(server.killed, []);
  server.sessions.delete(7);
  await ended;
  assert.equal(gone, true);
});

test("a session that the server keeps is given up when its time is over", async () => {
  const server = new Server(1);
  server.sessions.set(7, 0);
  assert.equal(await endSession("kept", ending(7, 500, 100), server.send, 50), false);
});

test("where nobody listens there is nothing to wait for", async () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const send = (): Promise<Messenger> => Promise.reject(refused);
  assert.equal(await endSession("refused", ending(7, 500, 100), send, PATIENCE), false);
});
