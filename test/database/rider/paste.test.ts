import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { splitStatements } from "../../../src/rider/read/statements.ts";
import { freshDatabase } from "../../support/database.ts";
import { project, rows } from "./project.ts";

const STATEMENTS = [
  "create table a (n int)",
  "create procedure bump() begin update a set n = n + 1; update a set n = n * 2; end",
  "create trigger first before insert on a for each row begin set new.n = new.n + 1; set @seen = '//;'; end",
  "insert into a values (1)",
  "call bump()",
];

test("what --dry-run prints for MySQL can be pasted into its shell, routines and all", async () => {
  const database = await freshDatabase("mysql");
  const here = project({
    "1-a.sql": `delimiter ||\n${STATEMENTS.join("||\n")}||\n`,
  });
  const { code, stdout, stderr } = await here.rider("migrate", "--dry-run", "--url", database.url);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(
    splitStatements(stdout, "mysql").map(({ text }) => text),
    STATEMENTS,
  );
  const { hostname, port, username, password, pathname } = new URL(database.url);
  const shell = spawnSync(
    "mariadb",
    ["--protocol=tcp", `--host=${hostname}`, `--port=${port}`, `--user=${username}`, pathname.slice(1)],
    { input: stdout, encoding: "utf8", env: { ...process.env, MYSQL_PWD: decodeURIComponent(password) } },
  );
  assert.equal(
    shell.error,
    undefined,
    "the shell `mariadb` is missing; it comes with the server: npm run install-servers",
  );
  assert.equal(shell.status, 0, shell.stderr);
  assert.deepEqual(await rows(database, "select n from a"), [{ n: 6 }]);
});
