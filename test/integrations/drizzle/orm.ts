import type { TestContext } from "node:test";
import type { MySQLDatabase, PostgreSQLDatabase, SQLiteDatabase } from "apocryphan";
import { drizzle } from "apocryphan/drizzle";
import { relations } from "drizzle-orm";
import * as my from "drizzle-orm/mysql-core";
import * as pg from "drizzle-orm/pg-core";
import * as lite from "drizzle-orm/sqlite-core";
import { type FORMS, openForm, openPooled, type Way } from "../../support/open.ts";

/** A table of people with notes, for each kind of database. */
const pgPeople = pg.pgTable("people", {
  id: pg.serial().primaryKey(),
  name: pg.varchar({ length: 100 }).notNull().unique(),
  big: pg.bigint({ mode: "bigint" }),
  born: pg.timestamp({ precision: 6 }),
  exact: pg.timestamp({ precision: 6, mode: "string" }),
  price: pg.numeric({ precision: 30, scale: 10 }),
  facts: pg.json().$type<{ a: number }>(),
});
const pgNotes = pg.pgTable("notes", {
  id: pg.serial().primaryKey(),
  person: pg.integer().notNull(),
  name: pg.text().notNull(),
});
const myPeople = my.mysqlTable("people", {
  id: my.int().primaryKey().autoincrement(),
  name: my.varchar({ length: 100 }).notNull().unique(),
  big: my.bigint({ mode: "bigint" }),
  born: my.datetime({ fsp: 6 }),
  exact: my.datetime({ fsp: 6, mode: "string" }),
  price: my.decimal({ precision: 30, scale: 10 }),
  facts: my.json().$type<{ a: number }>(),
});
const myNotes = my.mysqlTable("notes", {
  id: my.int().primaryKey().autoincrement(),
  person: my.int().notNull(),
  name: my.text().notNull(),
});
const litePeople = lite.sqliteTable("people", {
  id: lite.integer().primaryKey(),
  name: lite.text().notNull().unique(),
  big: lite.blob({ mode: "bigint" }),
  born: lite.integer({ mode: "timestamp_ms" }),
  exact: lite.text(),
  price: lite.numeric(),
  facts: lite.text({ mode: "json" }).$type<{ a: number }>(),
});
const liteNotes = lite.sqliteTable("notes", {
  id: lite.integer().primaryKey(),
  person: lite.integer().notNull(),
  name: lite.text().notNull(),
});

function related<
  P extends typeof pgPeople | typeof myPeople | typeof litePeople,
  N extends typeof pgNotes | typeof myNotes | typeof liteNotes,
>(people: P, notes: N) {
  return {
    peopleRelations: relations(people, ({ many }) => ({ notes: many(notes) })),
    notesRelations: relations(notes, ({ one }) => ({
      author: one(people, { fields: [notes.person], references: [people.id] }),
    })),
  };
}

const TABLES = {
  postgresql: [
    "create table people (id serial primary key, name varchar(100) not null unique, big bigint, born timestamp(6), exact timestamp(6), price numeric(30, 10), facts json)",
    "create table notes (id serial primary key, person int not null, name text not null)",
  ],
  mysql: [
    "create table people (id int auto_increment primary key, name varchar(100) not null unique, big bigint, born datetime(6), exact datetime(6), price decimal(30, 10), facts json)",
    "create table notes (id int auto_increment primary key, person int not null, name text not null)",
  ],
  sqlite: [
    "create table people (id integer primary key, name text not null unique, big blob, born integer, exact text, price numeric, facts text)",
    "create table notes (id integer primary key, person integer not null, name text not null)",
  ],
} as const;

type Db = PostgreSQLDatabase | MySQLDatabase | SQLiteDatabase;

/** Drizzle for PostgreSQL, with the tables. */
export function pgOrm(db: Db, config: { logger?: { logQuery(text: string, values: unknown[]): void } } = {}) {
  const schema = { people: pgPeople, notes: pgNotes, ...related(pgPeople, pgNotes) };
  return { orm: drizzle(db as PostgreSQLDatabase, { schema, ...config }), ...schema };
}

export function mysqlOrm(
  db: Db,
  config: { logger?: { logQuery(text: string, values: unknown[]): void } } = {},
) {
  const schema = { people: myPeople, notes: myNotes, ...related(myPeople, myNotes) };
  return { orm: drizzle(db as MySQLDatabase, { schema, ...config }), ...schema };
}

export function sqliteOrm(
  db: Db,
  config: { logger?: { logQuery(text: string, values: unknown[]): void } } = {},
) {
  const schema = { people: litePeople, notes: liteNotes, ...related(litePeople, liteNotes) };
  return { orm: drizzle(db as SQLiteDatabase, { schema, ...config }), ...schema };
}

/** What all three can do, in one form: a transaction whose own object adds too. */
export interface Orm {
  add(name: string): Promise<unknown>;
  transaction(fn: (inside: Orm) => Promise<void>, readOnly?: boolean): Promise<void>;
  /** The same without any settings. */
  nested(fn: (inside: Orm) => Promise<void>): Promise<void>;
  rollback(): void;
}

export function ormOf(db: Db): Orm {
  if (db.dialect === "postgresql") {
    const { orm, people } = pgOrm(db);
    const of = (at: Pick<typeof orm, "insert" | "transaction">): Orm => ({
      add: (name) => at.insert(people).values({ name }),
      transaction: (fn, readOnly) =>
        at.transaction(
          (tx) => fn({ ...of(tx), rollback: () => tx.rollback() }),
          readOnly ? { accessMode: "read only" } : undefined,
        ),
      nested: (fn) => at.transaction((tx) => fn({ ...of(tx), rollback: () => tx.rollback() })),
      rollback: () => {},
    });
    return of(orm);
  }
  if (db.dialect === "mysql") {
    const { orm, people } = mysqlOrm(db);
    const of = (at: Pick<typeof orm, "insert" | "transaction">): Orm => ({
      add: (name) => at.insert(people).values({ name }),
      transaction: (fn, readOnly) =>
        at.transaction(
          (tx) => fn({ ...of(tx), rollback: () => tx.rollback() }),
          readOnly ? { accessMode: "read only", isolationLevel: "read committed" } : undefined,
        ),
      nested: (fn) => at.transaction((tx) => fn({ ...of(tx), rollback: () => tx.rollback() })),
      rollback: () => {},
    });
    return of(orm);
  }
  const { orm, people } = sqliteOrm(db);
  const of = (at: Pick<typeof orm, "insert" | "transaction">): Orm => ({
    add: (name) => at.insert(people).values({ name }),
    transaction: (fn) =>
      at.transaction((tx) => fn({ ...of(tx), rollback: () => tx.rollback() }), { behavior: "immediate" }),
    nested: (fn) => at.transaction((tx) => fn({ ...of(tx), rollback: () => tx.rollback() })),
    rollback: () => {},
  });
  return of(orm);
}

/** A database object with the tables, in one of the forms there are. */
export async function openOrm(form: (typeof FORMS)[number], t: TestContext) {
  const db = (await openForm(form, t)) as Db;
  for (const text of TABLES[db.dialect]) await db.sql(text);
  return { db, orm: ormOf(db), names: () => namesIn(db) };
}

/** The same over a pool that takes no connection by itself. */
export async function openPooledOrm(
  way: Way,
  t: TestContext,
  options: Parameters<typeof openPooled>[2] = {},
) {
  const db = await openPooled(way, t, { timeout: "20s", ...options });
  await db.withConnection(async () => {
    for (const text of TABLES[db.dialect]) await db.sql(text);
  });
  return { db, orm: ormOf(db as Db), names: () => db.withConnection(() => namesIn(db as Db)) };
}

async function namesIn(db: Db): Promise<string[]> {
  return (await db.select<{ name: string }>("select name from people order by name")).map((row) => row.name);
}
