import assert from "node:assert/strict";
import { test } from "node:test";
import { mysql } from "../../../src/dialect/mysql.ts";
import { postgresql } from "../../../src/dialect/postgresql.ts";
import { sqlite } from "../../../src/dialect/sqlite.ts";
import { summarize } from "../../../src/dialect/summary.ts";

const CASES: readonly (readonly [statement: string, summary: string])[] = [
  // Those of the conventions themselves.
  ["SELECT * FROM wuser_table WHERE username = $1", "SELECT wuser_table"],
  [
    "INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders WHERE order_id = $1",
    "INSERT shipping_details SELECT orders",
  ],
  ["SELECT * FROM songs, artists WHERE songs.artist_id = artists.id", "SELECT songs artists"],
  [
    "SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)",
    "SELECT SELECT orders customers",
  ],
  ["SELECT * FROM \"song list\", 'artists'", "SELECT \"song list\" 'artists'"],
  // What else people write.
  ["select 1", "select"],
  ["/* who */ select a -- from nowhere\nfrom t", "select t"],
  [
    "select 'from x' as text, extract(year from born) from people p left join pets on true",
    "select people pets",
  ],
  ["select * from a where b is distinct from c and d in (select e from f)", "select a select f"],
  ["select * from generate_series(1, 9) as n, audit.log where id in (1, 2)", "select audit.log"],
  ["select * from only parents for update of parents", "select parents"],
  ["insert into t (a, b) values ($1, $2) on conflict (a) do update set b = 1 returning id", "insert t"],
  ['update "My Table" set a = 1 from other where x', 'update "My Table" other'],
  ["delete from app.contacts using other where id = 7", "delete app.contacts"],
  ["with old as (delete from a returning *) insert into b select * from old", "delete a insert b select old"],
  [
    "create table if not exists contacts (id int, name text default 'select x from y')",
    "create table contacts",
  ],
  ["create unique index concurrently names on contacts (name)", "create index names"],
  [
    "create trigger t after insert on a for each row begin update b set c = 1; select 2 from d; end",
    "create trigger t",
  ],
  ["alter table contacts add column x int references y (id) on delete cascade", "alter table contacts"],
  ["drop table if exists contacts", "drop table contacts"],
  ["truncate table logs", "truncate logs"],
  ["call refresh(1)", "call refresh"],
  ["begin", "begin"],
  ["set application_name = 'secret'", "set"],
  ["grant select on contacts to reader; select 1 from a", "grant select a"],
  ["explain analyze select * from t", "select t"],
  ["(select a from b) union all (select c from d)", "select b select d"],
  ["", ""],
  ["((((", ""],
  [";;", ""],
];

for (const [statement, summary] of CASES) {
  test(`"${statement.slice(0, 60)}" is summed up as "${summary}"`, () => {
    for (const { lexicon } of [postgresql, sqlite]) assert.equal(summarize(statement, lexicon).text, summary);
  });
}

test("names in backticks are taken as they are", () => {
  assert.equal(
    summarize("select * from `my app`.`my table`", mysql.lexicon).text,
    "select `my app`.`my table`",
  );
});

test("the operation and the table are told where there is just one of each", () => {
  const of = (text: string) => {
    const { operation, collection } = summarize(text, postgresql.lexicon);
    return [operation, collection];
  };
  assert.deepEqual(of("SELECT * from t"), ["SELECT", "t"]);
  assert.deepEqual(of("select * from a, b"), ["select", undefined]);
  assert.deepEqual(of("insert into a select * from b"), [undefined, undefined]);
  assert.deepEqual(of("commit"), ["commit", undefined]);
  assert.deepEqual(of("select 1; select 2 from b"), [undefined, undefined]);
});

test("a summary is never longer than 255 characters, and cuts no name", () => {
  const tables = Array.from({ length: 60 }, (_, i) => `table_number_${i}`);
  const { text } = summarize(`select * from ${tables.join(", ")}`, postgresql.lexicon);
  assert.ok(text.length <= 255 && text.length > 230);
  assert.ok(
    text
      .split(" ")
      .slice(1)
      .every((name) => tables.includes(name)),
  );
});
