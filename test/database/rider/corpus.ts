/** Migrations of many kinds, for one database; the same ones each time. `rounds` of ten. */
export function corpus(dialect: "postgresql" | "mysql" | "sqlite", rounds: number): Record<string, string> {
  const files: Record<string, string> = {};
  const placeholder = dialect === "postgresql" ? "$1" : "?";
  let number = 0;
  let previous: string | undefined;
  const add = (words: string, text: (depends: string, id: string) => string, ending = "sql"): void => {
    const id = `${++number}-${words}`;
    files[`${id}.${ending}`] = text(previous ?? "", id);
    previous = id;
  };
  const after = (depends: string): string => (depends === "" ? "" : `-- depends: ${depends}\n`);
  for (let round = 0; round < rounds; round++) {
    const t = `t${round}`;
    add(
      "table",
      (d) =>
        `${after(d)}create table ${t} (id int not null primary key, n int not null);\ninsert into ${t} values (1, 0);\ninsert into ${t} values (2, 0);`,
    );
    add("count", (d) => `${after(d)}update ${t} set n = n + 10;\nupdate ${t} set n = n + 10 where id = 1;`);
    add(
      "column",
      (d) =>
        `${after(d)}alter table ${t} add column note varchar(20);\nupdate ${t} set note = '50% ?' where id = 1;`,
    );
    add("nothing", () => "");
    add(
      "function",
      (d) => `/** counts and makes a table */
import { step } from "apocryphan/rider";
export const depends = ["${d}"];
export const steps = [
  step(async (db) => {
    await db.sql("update ${t} set n = n + ${placeholder}", [10]);
    await db.sql("create table ${t}_more (id int)");
    const { n } = await db.get<{ n: number }>("select n from ${t} where id = 1");
    await db.sql("insert into ${t}_more values (" + n + ")");
    await db.atomic(async () => {
      await db.sql("update ${t} set n = n + 1");
      await db.sql("insert into ${t}_more values (7)");
    });
  }),
];
`,
      "ts",
    );
    add(
      "ignored",
      (d) => `import { step } from "apocryphan/rider";
export const depends = ["${d}"];
export const steps = [
  step({ migrate: "update ${t} set n = n + 1; insert into nowhere values (1); update ${t} set n = n + 100", ignoreErrors: "all" }),
  step("update ${t} set n = n + 1"),
];
`,
      "ts",
    );
    add(
      "view",
      (d) => `${after(d)}create view ${t}_view as select id, n from ${t};\ncreate index ${t}_n on ${t} (n);`,
    );
    add(
      "alone",
      (d) =>
        `${after(d)}-- transactional: false\n${ALONE[dialect].replaceAll("$t", t)}\nupdate ${t} set n = n + 10;`,
    );
    add("routine", (d) => `${after(d)}${ROUTINE[dialect].replaceAll("$t", t)}`);
    add(
      "rename",
      (d) => `${after(d)}alter table ${t}_more rename to ${t}_renamed;\nupdate ${t} set n = n + 10;`,
    );
  }
  return files;
}

const ALONE = {
  postgresql: "create index concurrently $t_note on $t (note);\nvacuum $t;",
  mysql: "create index $t_note on $t (note);\nanalyze table $t;",
  sqlite: "create index $t_note on $t (note);\nvacuum;",
};

const ROUTINE = {
  postgresql:
    "create function $t_one() returns int language sql as $$ select 1; $$;\nupdate $t set n = n + $t_one();",
  mysql:
    "delimiter //\ncreate procedure $t_bump() begin update $t set n = n + 1; update $t set n = n + 1; end//\ndelimiter ;\nupdate $t set n = n + 1;",
  sqlite:
    "create trigger $t_touch after insert on $t begin update $t set note = 'new' where id = new.id; end;\ninsert into $t (id, n) values (3, 5);",
};
