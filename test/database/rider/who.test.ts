import assert from "node:assert/strict";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { test } from "node:test";
import { freshDatabase } from "../../support/database.ts";
import { project, riderOn, rows } from "./project.ts";

test("a container whose user has no name migrates all the same, and the log has the number", async (t) => {
  t.mock.method(os, "userInfo", () => {
    throw new Error("ENOENT: no such file or directory, uv_os_get_passwd");
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const { USER, LOGNAME } = process.env;
  delete process.env.USER;
  delete process.env.LOGNAME;
  t.after(() => {
    if (USER !== undefined) process.env.USER = USER;
    if (LOGNAME !== undefined) process.env.LOGNAME = LOGNAME;
  });
  const database = await freshDatabase("sqlite");
  await riderOn(database, project({ "1-a.sql": "create table a (id int);" })).migrate();
  assert.deepEqual(await rows(database, "select username from _rider_logs"), [
    { username: `uid ${process.getuid?.() ?? "unknown"}` },
  ]);
});
