import { expect, load } from "../harness/load.ts";
import type { Contestant, Part } from "../harness/part.ts";
import { oursInScope } from "../versus/ours-postgres.ts";
import { viaConnect } from "../versus/pg-pool.ts";
import { postgresJsScopes } from "../versus/postgres-js.ts";
import { CONNECTIONS, CONTACTS, type ScopeClient } from "../versus/statements.ts";
import { STATEMENT_METRICS } from "./postgres.ts";

const WIDTHS = [1, 10, 100, 1000];
const OURS = "apocryphan";
const PLAIN = "pg.Pool";

const CLIENTS: readonly (readonly [
  string,
  readonly string[],
  (url: string) => ScopeClient | Promise<ScopeClient>,
])[] = [
  [OURS, [], oursInScope],
  [PLAIN, ["pg"], (url) => viaConnect(url, false)],
  ["pg.Pool, named", ["pg"], (url) => viaConnect(url, true)],
  ["postgres.js", ["postgres"], postgresJsScopes],
];

function contestants(work: (client: ScopeClient) => (i: number) => Promise<void>): Contestant[] {
  return CLIENTS.map(([name, peers, open]) => ({
    name,
    peers,
    async run(trial) {
      const client = await open(trial.urls.postgresql ?? "");
      try {
        return await load(work(client), trial);
      } finally {
        await client.close();
      }
    },
  }));
}

export const scope: Part = {
  name: "scope",
  title: "PostgreSQL, scopes and transactions",
  about: [
    `\`select\`: take a connection, one \`select $1::int\`, give it back. ${CONNECTIONS} connections.`,
    "`transaction`: `begin`, read a contact, change its age, read the age, `commit`, on one connection. Ours is `db.atomic`, pg.Pool's is written out, postgres.js has `begin`.",
  ],
  leftOut: ["Transactions that collide: callers change different rows, nearly always."],
  flatters: [
    "A commit does not wait for the disk here (`synchronous_commit = off`); where it does, that wait is most of a transaction, and the same for everybody.",
  ],
  needs: ["postgresql"],
  apart: true,
  rounds: 3,
  cases: [
    {
      name: "select",
      title: "A scope with one select",
      widths: WIDTHS,
      contestants: contestants((client) => async (i) => expect(await client.scope(i), i)),
      metrics: STATEMENT_METRICS,
    },
    {
      name: "transaction",
      title: "A scope with a transaction of three statements",
      widths: WIDTHS,
      contestants: contestants(({ transaction }) => async (i) => {
        const age = i % 97;
        expect(await transaction?.((i % CONTACTS) + 1, age), age);
      }),
      metrics: STATEMENT_METRICS,
    },
  ],
  targets: WIDTHS.flatMap((width) => [
    { case: "select", width, metric: "perSecond", ours: OURS, than: [PLAIN], atLeast: 1 },
    { case: "transaction", width, metric: "perSecond", ours: OURS, than: [PLAIN], atLeast: 1.3 },
  ]),
  prepare: async (urls) => (await import("./fill.ts")).fillPostgres(urls.postgresql ?? ""),
};
