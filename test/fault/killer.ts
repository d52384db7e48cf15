/**
 * Ends all of the guest's sessions while the thread that started this one is blocked: waits for the word, ends them, waits
 * until the server has none left, and gives the word back.
 */
import { parentPort, workerData } from "node:worker_threads";
import { mariadbExec } from "../support/servers/mariadb.ts";
import { postgresExec } from "../support/servers/postgres.ts";
import { until } from "../support/wait.ts";
import { FACTS, GUEST, type ServerKind } from "./support.ts";

/** What is written into the shared word. */
export const [WAIT, GO, DONE] = [0, 1, 2];

export interface Order {
  readonly kind: ServerKind;
  /** Of a user that may end sessions. */
  readonly url: string;
  readonly word: Int32Array;
}

if (parentPort !== null) await work(workerData as Order);

async function work({ kind, url, word }: Order): Promise<void> {
  const exec = kind === "postgresql" ? postgresExec : mariadbExec;
  await exec(url, "select 1");
  parentPort?.postMessage("ready");
  Atomics.wait(word, 0, WAIT);
  if (kind === "postgresql") {
    await postgresExec(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${GUEST}'`,
    );
  } else {
    const sessions = `select id from information_schema.processlist where user = '${GUEST}'`;
    for (const { id } of await mariadbExec<{ id: number }>(url, sessions))
      await mariadbExec(url, `kill ${id}`);
  }
  await until("the sessions to end", async () => {
    const [row] = await exec<{ n: number }>(url, FACTS[kind].sessions(GUEST));
    return Number(row?.n) === 0;
  });
  Atomics.store(word, 0, DONE);
  Atomics.notify(word, 0);
}
