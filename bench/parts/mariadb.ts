import type { Contestant, Part } from "../harness/part.ts";
import { mariadb, mysql2, ours } from "../versus/mysql.ts";
import { type Client, CONNECTIONS } from "../versus/statements.ts";
import { measured } from "./contacts.ts";
import { STATEMENT_METRICS } from "./postgres.ts";

const WIDTHS = [1, 10, 100, 1000];
const OURS = ["apocryphan by mysql2", "apocryphan by mariadb"];
const PEERS = ["mysql2, query", "mysql2, execute", "mariadb, query", "mariadb, execute"];

const CLIENTS: readonly (readonly [string, readonly string[], (url: string) => Client | Promise<Client>])[] =
  [
    ["apocryphan by mysql2", [], (url) => ours(url, "mysql2")],
    ["apocryphan by mariadb", [], (url) => ours(url, "mariadb")],
    ["mysql2, query", ["mysql2"], (url) => mysql2(url, "query")],
    ["mysql2, execute", ["mysql2"], (url) => mysql2(url, "execute")],
    ["mariadb, query", ["mariadb"], (url) => mariadb(url, "query")],
    ["mariadb, execute", ["mariadb"], (url) => mariadb(url, "execute")],
  ];

function contestants(what: "one" | "ten"): Contestant[] {
  return CLIENTS.map(([name, peers, open]) => ({
    name,
    peers,
    async run(trial) {
      const url = new URL(trial.urls.mysql ?? "");
      url.pathname = "/bench";
      return measured(await open(url.href), what, trial);
    },
  }));
}

export const mariaDB: Part = {
  name: "mariadb",
  title: "MariaDB, statements",
  about: [
    `Each caller sends a statement outside of any scope, waits, checks the answer, and sends the next. ${CONNECTIONS} connections.`,
    "`query` puts the values into the text, quoted; `execute` prepares the statement once per connection. Ours prepares what has values.",
  ],
  leftOut: ["MySQL itself: it is not measured, only MariaDB is."],
  flatters: ["Everything is on one machine; over a network, round trips cost more."],
  needs: ["mysql"],
  apart: true,
  rounds: 3,
  cases: [
    {
      name: "one",
      title: "select ?",
      widths: WIDTHS,
      contestants: contestants("one"),
      metrics: STATEMENT_METRICS,
    },
    {
      name: "ten",
      title: "Ten rows by primary key",
      widths: [100],
      contestants: contestants("ten"),
      metrics: STATEMENT_METRICS,
    },
  ],
  targets: [
    ...WIDTHS.map((width) => ({
      ...{ case: "one", width, metric: "perSecond", ours: OURS },
      ...{ than: PEERS, atLeast: 1 },
    })),
    { case: "ten", width: 100, metric: "perSecond", ours: OURS, than: PEERS, atLeast: 1 },
  ],
  prepare: async (urls) => (await import("./fill.ts")).fillMariaDB(urls.mysql ?? ""),
};
