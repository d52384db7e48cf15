import type { Case, Contestant, Metric, Part, Trial } from "../harness/part.ts";
import { knex, kysely } from "../versus/builders.ts";
import { ours, oursInScope } from "../versus/ours-postgres.ts";
import { viaPool } from "../versus/pg-pool.ts";
import { pgbench } from "../versus/pgbench.ts";
import { postgresJs } from "../versus/postgres-js.ts";
import { type Client, CONNECTIONS } from "../versus/statements.ts";
import { measured } from "./contacts.ts";

const WIDTHS = [1, 10, 100, 1000];
const OURS = "apocryphan, autoconnect";
const NAMED = "pg.Pool, named";
const POSTGRES_JS = "postgres.js";

const CLIENTS: readonly (readonly [string, readonly string[], (url: string) => Client | Promise<Client>])[] =
  [
    [OURS, [], ours],
    ["apocryphan, a scope each", [], oursInScope],
    ["pg.Pool", ["pg"], (url) => viaPool(url, false)],
    [NAMED, ["pg"], (url) => viaPool(url, true)],
    [POSTGRES_JS, ["postgres"], postgresJs],
    ["Knex", ["knex", "pg"], knex],
    ["Kysely on pg.Pool", ["kysely", "pg"], kysely],
  ];

function contestants(what: "one" | "ten"): Contestant[] {
  return [
    ...CLIENTS.map(([name, peers, open]) => ({
      name,
      peers,
      run: async (trial: Trial) => measured(await open(trial.urls.postgresql ?? ""), what, trial),
    })),
    ...[false, true].map((pipelined) => pgbench(what, pipelined)),
  ];
}

/** What is shown of statements. */
export const STATEMENT_METRICS: readonly Metric[] = [
  { name: "perSecond", title: "a second", better: "more" },
  { name: "p50", title: "p50 ms", better: "less" },
  { name: "p99", title: "p99 ms", better: "less" },
  { name: "cpu", title: "CPU µs each", better: "less" },
];

function kase(name: "one" | "ten", title: string): Case {
  return { name, title, widths: WIDTHS, contestants: contestants(name), metrics: STATEMENT_METRICS };
}

const aim = (name: string, width: number, than: readonly string[], atLeast: number) => ({
  ...{ case: name, width, metric: "perSecond", ours: OURS, than, atLeast },
});

export const postgres: Part = {
  name: "postgres",
  title: "PostgreSQL, statements",
  about: [
    `Each caller sends a statement, waits for the answer, checks it, and sends the next. ${CONNECTIONS} connections for everybody.`,
    "`one` is `select $1::int`; `ten` reads ten rows of three columns by primary key. `pg.Pool, named` gives its statements a name, so that they are prepared once per connection; postgres.js does that by itself. Knex and Kysely send SQL that is written out.",
    "CPU is the whole process's, user and system, per statement. The server runs on the same machine and takes its share.",
  ],
  leftOut: [
    "pgbench has one connection per caller, so it is measured with at most ten; it is there to show what the server can do, and checks no answers. Pipelined, it sends a hundred statements at a time.",
    "node-postgres with its native bindings.",
  ],
  flatters: [
    "Everything is on one machine: over a network, round trips cost more, which makes sending several at once count for more than here.",
    "The server does not wait for its disk (`fsync = off`), which matters to what writes, and nothing here does.",
    "A statement that is sent with others waits for those before it. A load of equal, small statements is the best case for that; the part `mixed` is the other one.",
  ],
  needs: ["postgresql"],
  apart: true,
  rounds: 3,
  cases: [kase("one", "select $1::int"), kase("ten", "Ten rows by primary key")],
  targets: [
    aim("one", 10, [NAMED], 1.8),
    aim("one", 100, [NAMED], 3),
    aim("one", 1000, [NAMED], 3),
    aim("one", 100, [POSTGRES_JS], 1.5),
    aim("one", 1000, [POSTGRES_JS], 1.3),
    aim("ten", 100, [NAMED], 1.5),
    aim("ten", 100, [POSTGRES_JS], 1.5),
    { case: "one", width: 100, metric: "cpu", ours: OURS, than: [NAMED], atMost: 0.5 },
    { case: "one", width: 1000, metric: "cpu", ours: OURS, than: [NAMED], atMost: 0.5 },
  ],
  prepare: async (urls) => (await import("./fill.ts")).fillPostgres(urls.postgresql ?? ""),
};
