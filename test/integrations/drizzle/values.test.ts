import assert from "node:assert/strict";
import { test } from "node:test";
import { eq, sql } from "drizzle-orm";
import { FORMS } from "../../support/open.ts";
import { mysqlOrm, openOrm, pgOrm, sqliteOrm } from "./orm.ts";

/** Holds when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

const ada = {
  name: "Ada",
  big: 9_007_199_254_740_993n,
  born: new Date("1815-12-10T01:02:03.456Z"),
  exact: "1815-12-10 01:02:03.456789",
  price: "12345678901234567890.0123456789",
  facts: { a: 1 },
};

for (const form of FORMS.filter(({ way }) => way.kind.startsWith("postgresql"))) {
  test(`${form.title}: values, joins, relations, raw and prepared queries`, async (t) => {
    const { db } = await openOrm(form, t);
    const logged: string[] = [];
    const { orm, people, notes } = pgOrm(db, { logger: { logQuery: (text) => logged.push(text) } });
    const [row] = await orm.insert(people).values(ada).returning();
    holds<Same<NonNullable<typeof row>["big"], bigint | null>>();
    assert.deepEqual(row, { id: 1, ...ada });
    const outcome = await orm.insert(notes).values([
      { person: 1, name: "one" },
      { person: 1, name: "two" },
    ]);
    assert.equal(outcome.rowCount, 2);
    const joined = await orm
      .select({ person: people.name, note: notes.name, a: people.id, b: notes.id })
      .from(notes)
      .innerJoin(people, eq(people.id, notes.person))
      .orderBy(notes.id);
    assert.deepEqual(joined, [
      { person: "Ada", note: "one", a: 1, b: 1 },
      { person: "Ada", note: "two", a: 1, b: 2 },
    ]);
    const found = await orm.query.people.findFirst({
      columns: { name: true },
      with: { notes: { columns: { name: true } } },
    });
    holds<Same<typeof found, { name: string; notes: { name: string }[] } | undefined>>();
    assert.deepEqual(found, { name: "Ada", notes: [{ name: "one" }, { name: "two" }] });
    const prepared = orm
      .select({ id: people.id })
      .from(people)
      .where(eq(people.name, sql.placeholder("name")))
      .prepare("by_name");
    assert.deepEqual(await prepared.execute({ name: "Ada" }), [{ id: 1 }]);
    assert.equal(await orm.$count(notes), 2);
    const raw = await orm.execute<{ n: number }>(sql`select ${3}::int as n`);
    assert.deepEqual(raw, { rows: [{ n: 3 }], rowCount: 1 });
    await orm
      .transaction(
        async (tx) => {
          const { rows } = await tx.execute(
            sql`select current_setting('transaction_isolation') as i, current_setting('transaction_deferrable') as d`,
          );
          assert.deepEqual(rows, [{ i: "serializable", d: "on" }]);
          await assert.rejects(tx.delete(people), /Failed query/);
        },
        { isolationLevel: "serializable", accessMode: "read only", deferrable: true },
      )
      .catch((error: unknown) => assert.equal((error as { code: string }).code, "TRANSACTION_ABORTED"));
    assert.match(logged[0] ?? "", /^insert into "people"/);
  });
}

for (const form of FORMS.filter(({ way }) => way.kind === "mysql")) {
  test(`${form.title}: values, joins, relations, raw and prepared queries, iterators`, async (t) => {
    const { db } = await openOrm(form, t);
    const { orm, people, notes } = mysqlOrm(db);
    const [header] = await orm.insert(people).values(ada);
    assert.equal(header.insertId, 1);
    assert.equal(header.affectedRows, 1);
    const [row] = await orm.select().from(people);
    assert.deepEqual({ ...row, facts: undefined }, { id: 1, ...ada, facts: undefined });
    const ids = await orm
      .insert(notes)
      .values([
        { person: 1, name: "one" },
        { person: 1, name: "two" },
      ])
      .$returningId();
    assert.deepEqual(ids, [{ id: 1 }, { id: 2 }]);
    const joined = await orm
      .select({ person: people.name, note: notes.name })
      .from(notes)
      .innerJoin(people, eq(people.id, notes.person))
      .orderBy(notes.id);
    assert.deepEqual(joined, [
      { person: "Ada", note: "one" },
      { person: "Ada", note: "two" },
    ]);
    const prepared = orm
      .select({ id: people.id })
      .from(people)
      .where(eq(people.name, sql.placeholder("name")))
      .prepare();
    assert.deepEqual(await prepared.execute({ name: "Ada" }), [{ id: 1 }]);
    const seen: unknown[] = [];
    for await (const each of orm
      .select()
      .from(notes)
      .leftJoin(people, eq(people.id, notes.id))
      .orderBy(notes.id)
      .prepare()
      .iterator()) {
      seen.push([each.notes.name, each.people?.name]);
    }
    assert.deepEqual(seen, [
      ["one", "Ada"],
      ["two", undefined],
    ]);
    assert.equal(await orm.$count(notes), 2);
    const [rows] = await orm.execute(sql`select ${3} as n`);
    assert.deepEqual(rows, [{ n: 3 }]);
    const none = orm.transaction(async (tx) => void (await tx.delete(people)), {
      isolationLevel: "repeatable read",
      accessMode: "read only",
      withConsistentSnapshot: true,
    });
    await assert.rejects(none, /Failed query/);
  });
}

for (const form of FORMS.filter(({ way }) => way.kind === "sqlite")) {
  test(`${form.title}: values, joins, relations, raw and prepared queries`, async (t) => {
    const { db } = await openOrm(form, t);
    const { orm, people, notes } = sqliteOrm(db);
    const written = { ...ada, price: "12.5" };
    const [row] = await orm.insert(people).values(written).returning();
    assert.deepEqual(row, { id: 1, ...written });
    const outcome = await orm.insert(notes).values([
      { person: 1, name: "one" },
      { person: 1, name: "two" },
    ]);
    assert.deepEqual(outcome, { changes: 2, lastInsertRowid: 2 });
    const joined = await orm
      .select({ person: people.name, note: notes.name })
      .from(notes)
      .innerJoin(people, eq(people.id, notes.person))
      .orderBy(notes.id);
    assert.deepEqual(joined, [
      { person: "Ada", note: "one" },
      { person: "Ada", note: "two" },
    ]);
    const found = await orm.query.people.findFirst({
      columns: { name: true },
      with: { notes: { columns: { name: true } } },
    });
    assert.deepEqual(found, { name: "Ada", notes: [{ name: "one" }, { name: "two" }] });
    const prepared = orm
      .select({ id: people.id })
      .from(people)
      .where(eq(people.name, sql.placeholder("name")))
      .prepare();
    assert.deepEqual(await prepared.all({ name: "Ada" }), [{ id: 1 }]);
    assert.deepEqual(await prepared.get({ name: "Grace" }), undefined);
    assert.equal(await orm.$count(notes), 2);
    assert.deepEqual(await orm.all(sql`select name from notes order by id`), [
      { name: "one" },
      { name: "two" },
    ]);
    assert.deepEqual(await orm.get(sql`select name from notes order by id`), { name: "one" });
    assert.deepEqual(await orm.values(sql`select name, name from notes order by id`), [
      ["one", "one"],
      ["two", "two"],
    ]);
    assert.deepEqual(await orm.run(sql`delete from notes where name = ${"one"}`), {
      changes: 1,
      lastInsertRowid: null,
    });
  });
}
