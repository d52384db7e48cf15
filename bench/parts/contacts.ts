import pg from "pg";
import { mariadbExec } from "../../test/support/servers/mariadb.ts";
import { expect, load } from "../harness/load.ts";
import type { Figures, Trial } from "../harness/part.ts";
import { type Client, CONTACTS } from "../versus/statements.ts";

/** Makes the table that all parts read, in PostgreSQL. */
export async function fillPostgres(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`
    drop table if exists contacts;
    create table contacts (id int primary key, name varchar(64) not null, age int not null);
    insert into contacts select id, 'name ' || id, id % 80 from generate_series(1, ${CONTACTS}) id;`);
  await client.query("vacuum analyze contacts");
  await client.end();
}

/** The same in MariaDB, in the database `bench`. */
export async function fillMariaDB(url: string): Promise<void> {
  await mariadbExec(
    url,
    `create database if not exists bench; use bench; drop table if exists contacts;
    create table contacts (id int primary key, name varchar(64) not null, age int not null);
    insert into contacts select seq, concat('name ', seq), seq % 80 from seq_1_to_${CONTACTS};`,
  );
}

/** An id from which ten contacts follow; each `i` has another than its neighbours. */
export function contactOf(i: number): number {
  return ((i * 7919) % (CONTACTS - 10)) + 1;
}

/** Runs `open`'s client under load with one of the two statements. */
export async function measured(client: Client, what: "one" | "ten", trial: Trial): Promise<Figures> {
  try {
    return await load(WORK[what](client), trial);
  } finally {
    await client.close();
  }
}

const WORK = {
  one: (client: Client) => async (i: number) => expect(await client.one(i), i),
  ten: (client: Client) => async (i: number) => {
    const from = contactOf(i);
    const rows = await client.ten(from);
    expect(rows.length, 10);
    expect(rows[9]?.id, from + 9);
    expect(rows[9]?.name, `name ${from + 9}`);
  },
};
