import pg from "pg";
import { mariadbExec } from "../../test/support/servers/mariadb.ts";
import { CONTACTS } from "../versus/statements.ts";

// Only for the process that starts the trials; each trial is spared from loading clients that it does not measure.

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
