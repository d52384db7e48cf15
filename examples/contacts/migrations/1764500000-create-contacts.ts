/** create the table of contacts */
import { step } from "apocryphan/rider";

// What counts up by itself is said differently by each database. A migration for one database is plain SQL.
const key = {
  postgresql: "integer generated always as identity primary key",
  mysql: "integer auto_increment primary key",
  sqlite: "integer primary key",
};

export const steps = [
  step(
    (db) => db.sql(`create table contacts (id ${key[db.dialect]}, name varchar(200) not null)`),
    "drop table contacts",
  ),
];
