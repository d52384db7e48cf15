import assert from "node:assert/strict";
import { test } from "node:test";
import type { MigrateError } from "../../../src/rider.ts";
import { freshDatabase } from "../../support/database.ts";
import { failure, project, riderOn, rows } from "./project.ts";

const TABLE = "create table a (id int, n int);\ninsert into a select i, i from generate_series(1, 1000) i;";

test("create index concurrently under Rider's own lock takes no longer than without Rider", async (t) => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-a.sql":
      "create table a (id int, n int);\ninsert into a select i, i from generate_series(1, 100000) i;",
  });
  const rider = riderOn(database, here);
  await rider.migrate();
  const without: number[] = [];
  const under: number[] = [];
  for (let i = 1; i <= 3; i++) {
    const began = performance.now();
    await database.exec(`create index concurrently alone_${i} on a (n)`);
    without.push(performance.now() - began);
    here.write({
      [`${i + 1}-i.sql`]: `-- transactional: false\ncreate index concurrently with_rider_${i} on a (n);`,
    });
    const { seconds } = await rider.migrate({ lockTimeout: "20s" });
    under.push(seconds * 1000);
  }
  const [alone, locked] = [Math.min(...without), Math.min(...under)];
  t.diagnostic(
    `create index concurrently: ${alone.toFixed(0)} ms without Rider, ${locked.toFixed(0)} ms with it`,
  );
  // What Rider notes before and after the statement is in the time, and the machine has other things to do.
  assert.ok(locked < alone * 1.5 + 250, `${locked} ms, and ${alone} ms without Rider`);
  assert.deepEqual(
    await rows(
      database,
      "select indisvalid from pg_index where indexrelid::regclass::text like 'with_rider%'",
    ),
    [1, 2, 3].map(() => ({ indisvalid: true })),
  );
});

test("an index that could not be built is named, and the next run builds it anew", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-a.sql": `${TABLE}\ninsert into a values (1, 1);`,
    "2-i.sql": "-- transactional: false\ncreate unique index concurrently a_id on a (id);",
  });
  const rider = riderOn(database, here);
  const error = await failure<MigrateError>(rider.migrate());
  assert.match(
    error.message,
    /It left the INVALID index a_id behind, which serves no query; the next run drops it and builds anew\./,
  );
  await database.exec("delete from a where id = 1 and ctid > (select min(ctid) from a where id = 1)");
  assert.deepEqual((await rider.migrate()).applied, ["2-i"]);
  assert.deepEqual(
    await rows(database, "select indisvalid from pg_index where indexrelid = 'a_id'::regclass"),
    [{ indisvalid: true }],
  );
});

for (const [words, sql] of [
  ["an index", "create index concurrently i on a (id)"],
  ["a vacuum", "vacuum a"],
] as const) {
  test(`${words} that can't be in a transaction is recognised before anything runs, with the way out`, async () => {
    const database = await freshDatabase("postgresql");
    const rider = riderOn(database, project({ "1-a.sql": TABLE, "2-b.sql": `${sql};` }));
    const error = await failure(rider.migrate());
    assert.match(
      error.message,
      /2-b\.sql \(line 1, column 1\) can't be run: .*transactional: false.*Nothing was run\./,
    );
    assert.deepEqual(await rows(database, "select to_regclass('a') is null as unchanged"), [
      { unchanged: true },
    ]);
  });
}

test("a new value of an enum can be added and used, where each statement stands alone", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-mood.sql": "create type mood as enum ('sad');\ncreate table m (v mood);",
    "2-ok.sql": "-- transactional: false\nalter type mood add value 'ok';\ninsert into m values ('ok');",
  });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select v::text from m"), [{ v: "ok" }]);
});

test("a procedure that commits runs where the migration says it needs no transaction", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-p.sql":
      "create table a (id int);\ncreate procedure fill() language plpgsql as $$ begin insert into a values (1); commit; insert into a values (2); end $$;",
    "2-call.sql": "-- transactional: false\ncall fill();",
  });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select count(*) as n from a"), [{ n: 2 }]);
});
