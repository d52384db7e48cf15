import { expect, load } from "../harness/load.ts";
import type { Contestant, Figures, Part, Trial } from "../harness/part.ts";
import { percentile } from "../harness/statistics.ts";
import { ours } from "../versus/ours-postgres.ts";
import { viaPool } from "../versus/pg-pool.ts";
import { postgresJs } from "../versus/postgres-js.ts";
import { type Client, CONNECTIONS } from "../versus/statements.ts";

const OURS = "apocryphan, autoconnect";
const PLAIN = "pg.Pool";
const NAMED = "pg.Pool, named";
/** One statement in so many is slow. */
const ONE_IN = 500;
const SLOW = 0.05;
const FAST_ONES = 20;

type Open = (url: string, max: number) => Client | Promise<Client>;

const CLIENTS: readonly (readonly [string, readonly string[], Open])[] = [
  [OURS, [], ours],
  [PLAIN, ["pg"], (url, max) => viaPool(url, false, max)],
  [NAMED, ["pg"], (url, max) => viaPool(url, true, max)],
  ["postgres.js", ["postgres"], postgresJs],
];

function contestants(
  max: number,
  measure: (client: Required<Client>, trial: Trial) => Promise<Figures>,
): Contestant[] {
  return CLIENTS.map(([name, peers, open]) => ({
    name,
    peers,
    async run(trial) {
      const client = (await open(trial.urls.postgresql ?? "", max)) as Required<Client>;
      try {
        return await measure(client, trial);
      } finally {
        await client.close();
      }
    },
  }));
}

/** Fast statements with a slow one among them now and then. Latencies are those of the fast ones. */
async function mixed(client: Required<Client>, trial: Trial): Promise<Figures> {
  let fast: number[] = [];
  const work = async (i: number): Promise<void> => {
    if (i % ONE_IN === 0) {
      expect(await client.slow(i, SLOW), i);
      return;
    }
    const from = performance.now();
    expect(await client.one(i), i);
    fast.push(performance.now() - from);
  };
  const { perSecond = 0, cpu = 0 } = await load(work, trial, () => {
    fast = [];
  });
  const latencies = Float64Array.from(fast);
  return { p99: percentile(latencies, 0.99), p50: percentile(latencies, 0.5), perSecond, cpu };
}

/** One slow statement is under way on one of two connections when twenty fast ones come. */
async function behind(client: Required<Client>): Promise<Figures> {
  // Both connections are open, and the statements known, before anything is measured.
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: FAST_ONES }, (_, i) => client.one(i)));
  }
  await Promise.all([client.slow(0, 0.02), client.slow(1, 0.02)]);
  const slow = client.slow(1, 1);
  await client.one(0);
  const from = performance.now();
  const took = await Promise.all(
    Array.from({ length: FAST_ONES }, async (_, i) => {
      expect(await client.one(i), i);
      return performance.now() - from;
    }),
  );
  expect(await slow, 1);
  return { slowest: Math.max(...took), median: percentile(Float64Array.from(took), 0.5) };
}

export const mixedLoad: Part = {
  name: "mixed",
  title: "PostgreSQL, fast and slow statements together",
  about: [
    `\`mixed\`: of ${ONE_IN} statements one takes ${SLOW * 1000} ms on the server (\`pg_sleep\`), the others are \`select $1::int\`; ${CONNECTIONS} connections. Latencies are those of the fast ones.`,
    `\`behind\`: two connections, both open; one statement of a second is under way when ${FAST_ONES} fast ones come at once. The slowest of these is told: it shows whether somebody was queued behind the slow one.`,
  ],
  leftOut: ["Knex and Kysely, which use pg's connections one statement at a time as pg.Pool does."],
  flatters: [
    "`pg_sleep` takes time but no processor; slow statements that compute slow everybody down on two cores, whichever client sends them.",
  ],
  needs: ["postgresql"],
  rounds: 3,
  cases: [
    {
      name: "mixed",
      title: "One in 500 takes 50 ms",
      widths: [100],
      contestants: contestants(CONNECTIONS, mixed),
      metrics: [
        { name: "p99", title: "p99 ms of the fast", better: "less" },
        { name: "p50", title: "p50 ms of the fast", better: "less" },
        { name: "perSecond", title: "a second", better: "more" },
      ],
      seconds: 1.5,
    },
    {
      name: "behind",
      title: "Twenty fast ones beside one of a second",
      widths: [FAST_ONES],
      contestants: contestants(2, behind),
      metrics: [
        { name: "slowest", title: "slowest, ms", better: "less" },
        { name: "median", title: "median, ms", better: "less" },
      ],
      seconds: 0,
    },
  ],
  targets: [
    { case: "mixed", width: 100, metric: "p99", ours: OURS, than: [PLAIN], atMost: 1 },
    { case: "mixed", width: 100, metric: "p99", ours: OURS, than: [NAMED], atMost: 1 },
    { case: "mixed", width: 100, metric: "perSecond", ours: OURS, than: [NAMED], atLeast: 1.5 },
    { case: "behind", width: FAST_ONES, metric: "slowest", ours: OURS, atMost: 5 },
  ],
};
