/** An application under many clients of whom a third leave in the middle, watched from both sides. */
import { once } from "node:events";
import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { type Framework, start } from "./apps.ts";

export interface LoadTerms {
  readonly framework: Framework;
  readonly seconds: number;
  readonly clients: number;
  readonly transaction: boolean;
}

export interface LoadReport {
  readonly answered: number;
  readonly left: number;
  /** Answers other than 200, and clients that were cut off without having left. */
  readonly failed: number;
  /** How they failed. */
  readonly failures: readonly string[];
  /** Connections that were seen in two requests at the same time. */
  readonly shared: number;
  /** Requests that found another connection at a later statement. */
  readonly changed: number;
  /** Connections in use, and open, when all was over. */
  readonly inUse: number;
  readonly open: number;
  /** How many sessions the server had then. */
  readonly sessions: number;
  /** How many of them were in the middle of something. */
  readonly busy: number;
  readonly most: number;
}

type Database = Awaited<ReturnType<typeof openPooled>>;

/** Runs it on a pool over PostgreSQL, and tells what was seen. Nothing is asserted here. */
export async function load(
  db: Database,
  { framework, seconds, clients, transaction }: LoadTerms,
  context: { after(fn: () => Promise<void>): void },
): Promise<LoadReport> {
  const holders = new Map<unknown, number>();
  const seen = { shared: 0, changed: 0, most: 0 };
  let number = 0;
  const { url } = await start(
    framework,
    db,
    { transaction },
    async () => {
      const me = ++number;
      const { pid } = await db.get<{ pid: number }>(
        "select pg_backend_pid() as pid, pg_sleep(random() * 0.02)",
      );
      holders.set(pid, me);
      seen.most = Math.max(seen.most, db.stats().inUse);
      await sleep(Math.random() * 20);
      // Whoever's client has left is refused here, and its connection may be somebody else's by now.
      const again = await db.get<{ pid: number }>(
        "select pg_backend_pid() as pid, pg_sleep(random() * 0.02)",
      );
      if (again.pid !== pid) seen.changed++;
      if (holders.get(pid) !== me) seen.shared++;
      return { body: "sent" };
    },
    context,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const counts = { answered: 0, left: 0, failed: 0 };
  const failures = new Set<string>();
  const fail = (why: string): void => {
    counts.failed++;
    failures.add(why.slice(0, 200));
  };
  const deadline = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const leaving = Math.random() < 1 / 3;
      const request = get(url, { agent });
      const timer = leaving ? setTimeout(() => request.destroy(), Math.random() * 60) : undefined;
      try {
        const [response] = await once(request, "response");
        const said = await text(response);
        if (response.statusCode === 200) counts.answered++;
        else fail(`${response.statusCode} ${said}`);
      } catch (error) {
        if (leaving) counts.left++;
        else fail(String(error));
      } finally {
        clearTimeout(timer);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  await until("all connections to be back", () => db.stats().inUse === 0 && db.stats().connecting === 0);
  const sessions = (): Promise<{ state: string }[]> =>
    db.fresh.exec(
      "select state from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
  await until(
    "both sides to count the same",
    async () => (await sessions()).length === db.stats().open,
  ).catch(() => {});
  const there = await sessions();
  const { inUse, open } = db.stats();
  const busy = there.filter(({ state }) => state !== "idle").length;
  return { ...counts, ...seen, failures: [...failures], inUse, open, sessions: there.length, busy };
}

/** What in a report is not as it has to be. */
export function broken(report: LoadReport, max: number): string[] {
  const { answered, left, failed, failures, shared, changed, inUse, open, sessions, busy, most } = report;
  return [
    answered === 0 ? "nobody was answered" : "",
    left === 0 ? "nobody left" : "",
    failed > 0 ? `${failed} requests failed: ${failures.join("; ")}` : "",
    shared > 0 ? `${shared} times two requests had one connection` : "",
    changed > 0 ? `${changed} requests had two connections` : "",
    inUse > 0 ? `${inUse} connections leaked` : "",
    open !== sessions ? `${open} connections here, ${sessions} on the server` : "",
    busy > 0 ? `${busy} sessions are still at something` : "",
    most > max ? `${most} connections of ${max}` : "",
  ].filter((line) => line !== "");
}
