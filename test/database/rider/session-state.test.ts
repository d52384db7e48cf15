import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freshDatabase, type Kind } from "../../support/database.ts";
import { Scissors } from "./cut.ts";
import { dump, empty } from "./dump.ts";
import { failure, project, riderOn, rows } from "./project.ts";

const scissors = new Scissors();
after(() => scissors.restore());

const LOOKS =
  /^begin|^select @|^(?:select|show create)\b.*(?:information_schema|show create|is_used_lock|mysql\.user|\bpg_)/s;

const TABLES =
  "create table t (id int not null, n int not null);\ncreate table u (a int, b int);\ninsert into t values (1, 1), (2, 2);\n";

/** Migrations whose later statements need what earlier ones left in the session. */
const CASES: readonly { kind: Kind; what: string; sql: string }[] = [
  {
    kind: "mysql",
    what: "variables, also across DDL",
    sql: `${TABLES}set @most = (select max(id) from t), @text = 'it''s';
insert into t values (3, 3);
insert into u values (@most, length(@text));
alter table t add column more varchar(20);
update t set more = @text where id = @most;
select count(*) into @count from t;
insert into t (id, n) values (4, @count);`,
  },
  {
    kind: "mysql",
    what: "the last key, and how many rows were changed",
    sql: `create table k (id int not null auto_increment primary key, n int);
create table u (a int, b int);
insert into k (n) values (5);
insert into u values (last_insert_id(), 1);
alter table u add column c int;
update k set n = n + 1;
insert into u values (last_insert_id(), 2, row_count());
create table r as select k.n, u.b, u.c from u join k on k.id = u.a;
drop table k;
drop table u;`,
  },
  {
    kind: "mysql",
    what: "a temporary table",
    sql: `${TABLES}create temporary table w as select * from t;
update t set n = n + 10;
insert into w values (7, 7);
insert into u select id, n from w;
drop temporary table w;
update u set b = b + 1;`,
  },
  {
    kind: "mysql",
    what: "prepared statements, of DDL and others, and procedures",
    sql: `${TABLES}set @s = if((select count(*) from t) = 2, 'alter table t add column x int', 'select 1');
prepare one from @s;
execute one;
deallocate prepare one;
prepare two from 'update t set n = n + 10';
execute two;
execute two;
execute immediate 'alter table t add column y int';
delimiter //
create procedure bump() begin update t set n = n + 100; end//
delimiter ;
call bump();
call bump();
drop procedure bump;`,
  },
  {
    kind: "postgresql",
    what: "a temporary table, the last key and a prepared statement, outside a transaction",
    sql: `-- transactional: false
${TABLES}create temp table w as select * from t;
update t set n = n + 10;
insert into u select id, n from w;
drop table w;
create table k (id serial, n int);
insert into k (n) values (5);
insert into u values (0, lastval() - currval('k_id_seq'));
drop table k;
prepare two (int) as update t set n = n + $1;
execute two (10);
execute two (10);
vacuum t;`,
  },
  {
    kind: "sqlite",
    what: "a temporary table and the last key, outside a transaction",
    sql: `-- transactional: false
${TABLES}create temp table w as select * from t;
update t set n = n + 10;
insert into u select id, n from w;
drop table w;
create table k (id integer primary key, n int);
insert into k values (5, 5);
insert into u values (last_insert_rowid(), changes());`,
  },
];

for (const { kind, what, sql } of CASES) {
  test(`what a migration keeps in the session outlives a kill after any statement: ${what} (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({ "1-a.sql": sql });
    scissors.arm(Number.POSITIVE_INFINITY);
    await riderOn(database, here).migrate();
    const whole = await dump(database);
    const first = scissors.texts.findIndex((text) => /^create table (?:t|k) /.test(text));
    const all = scissors.sent;
    assert.ok(first > 0 && all - first > 20);
    // Rider's own looks change nothing, so that a kill after one is the same as after what was before it.
    const cuts = scissors.texts.flatMap((text, i) => (i >= first && !LOOKS.test(text) ? i + 1 : []));
    for (const nth of cuts) {
      await empty(database);
      scissors.arm(nth);
      await riderOn(database, here)
        .migrate()
        .catch((error: unknown) => {
          if (!scissors.isCut) throw error;
        });
      const at = `killed after statement ${nth} of ${all}: ${scissors.last.slice(0, 200)}`;
      scissors.arm(Number.POSITIVE_INFINITY);
      await riderOn(database, here)
        .migrate()
        .catch((error: unknown) => {
          throw new Error(`the run after the kill failed; ${at}`, { cause: error });
        });
      assert.deepEqual(await dump(database), whole, at);
    }
  });
}

test("an account that a killed run has made is known to be made", async () => {
  const database = await freshDatabase("mysql");
  const user = `${database.name}_u`;
  const here = project({
    "1-a.sql": `create user ${user} identified by 'x';\ncreate role ${user}_r;\ndrop role ${user}_r;\ndrop user ${user};`,
  });
  for (const word of ["create user", "create role", "drop role", "drop user"]) {
    await empty(database);
    scissors.arm(Number.POSITIVE_INFINITY);
    await riderOn(database, here).migrate();
    const nth = scissors.texts.findIndex((text) => text.startsWith(word)) + 1;
    await empty(database);
    scissors.arm(nth);
    await failure(riderOn(database, here).migrate());
    scissors.arm(Number.POSITIVE_INFINITY);
    assert.deepEqual((await riderOn(database, here).migrate()).applied, ["1-a"], word);
  }
});

for (const kind of ["postgresql", "mysql"] as const satisfies Kind[]) {
  test(`a query of a function step that calls what changes something is not done twice (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const body =
      kind === "postgresql"
        ? "language sql as $$ update t set n = n + 10 where id = 1 returning n $$;"
        : "modifies sql data begin update t set n = n + 10 where id = 1; return 1; end;";
    const here = project({
      "1-a.sql": `${TABLES}create function f() returns int ${body}`,
      "2-b.ts": `import { step } from "apocryphan/rider";
export const transactional = false;
export const steps = [step(async (db) => {
  await db.select("select f()");
  const { n } = await db.get("select max(n) as n from t");
  await db.sql("insert into u values (" + n + ", 0)");
})];
`,
    });
    scissors.arm(Number.POSITIVE_INFINITY);
    await riderOn(database, here).migrate();
    const from = scissors.texts.indexOf("select f()") + 1;
    const all = scissors.sent;
    for (let nth = from; nth <= all; nth++) {
      await empty(database);
      scissors.arm(nth);
      await riderOn(database, here)
        .migrate()
        .catch(() => undefined);
      scissors.arm(Number.POSITIVE_INFINITY);
      await riderOn(database, here).migrate();
      assert.deepEqual(
        await rows(database, "select n from t where id = 1"),
        [{ n: 11 }],
        `killed after ${nth}`,
      );
      assert.deepEqual(await rows(database, "select a from u"), [{ a: 11 }], `killed after ${nth}`);
    }
  });
}

test("statements that need each other fail together, and the message says that none of them stays", async () => {
  const database = await freshDatabase("mysql");
  const here = project({
    "1-a.sql": `${TABLES}set @x = 5;\ninsert into u values (@x, 0);\ninsert into nowhere values (@x);`,
  });
  const error = await failure(riderOn(database, here).migrate());
  assert.match(error.message, /statement 6 of step 1 .* failed \(`insert into nowhere values \(@x\)`\)/);
  assert.match(error.message, /3 of its 6 statements are done and stay, and the rest is not done/);
  assert.deepEqual(await rows(database, "select * from u"), []);
  here.write({ "1-a.sql": `${TABLES}set @x = 6;\ninsert into u values (@x, 0);` });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select a from u"), [{ a: 6 }]);
});

test("locked tables would keep Rider from writing its records, so they are refused before anything runs", async () => {
  const database = await freshDatabase("mysql");
  const here = project({
    "1-a.sql": `${TABLES}lock tables \`t\` write;\ninsert into t values (3, 3);\nunlock tables;`,
  });
  const { message } = await failure(riderOn(database, here).migrate());
  assert.match(
    message,
    /^Statement 4 of step 1 in .*1-a\.sql \(line 4, column 1\) can't be run: `lock tables `t` write`\. While tables are locked, Rider can't write down what is done, and the run would end in the middle\. Leave it out, and `unlock tables` with it \(mysqldump has --skip-add-locks for that\): Rider's own lock keeps other runs away\. Nothing was run\. \(RIDER\)$/,
  );
  assert.deepEqual(await rows(database, "show tables"), []);
});
