import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freshDatabase } from "../support/database.ts";
import { must, project, run, write } from "./project.ts";

const PAGE = join(import.meta.dirname, "../../docs/moving/node-pg-migrate.md");

test("a database of node-pg-migrate is carried on as the page says", async () => {
  const database = await freshDatabase("postgresql");
  const folder = await project("node-pg-migrate@9", "pg@8");
  const bin = (name: string): string => join(folder, "node_modules", ".bin", name);
  write(folder, {
    "old/1700000000000_create-contacts.sql":
      "-- Up Migration\ncreate table contacts (id int primary key);\n-- Down Migration\ndrop table contacts;\n",
    "old/1700000001000_add-phone.sql":
      "-- Up Migration\nalter table contacts add column phone text;\ncreate index phones on contacts (phone);\n\n-- Down Migration\nalter table contacts drop column phone;\n",
    "split.sh": /^```sh file=split\.sh\n([\s\S]*?)^```$/m.exec(readFileSync(PAGE, "utf8"))?.[1] ?? "",
  });
  const up = await run(bin("node-pg-migrate"), ["up", "-m", "old"], folder, { DATABASE_URL: database.url });
  assert.equal(up.code, 0, up.stderr);
  await must("sh", ["split.sh"], folder);
  const rider = (...args: string[]): ReturnType<typeof run> =>
    run(bin("rider"), [...args, "--url", database.url], folder);
  const marked = await rider("mark", "--to", "1700000000000-create-contacts");
  assert.equal(marked.code, 0, marked.stderr);
  const behind = await rider("check");
  assert.equal(behind.code, 3);
  assert.match(behind.stdout, /1 migration is pending: 1700000001000-add-phone\./);
  assert.equal((await rider("mark", "--all")).code, 0);
  assert.equal((await rider("check")).code, 0);
  const created = await rider("create", "--sql", "-m", "add email", "--json");
  const { files } = JSON.parse(created.stdout) as { files: string[] };
  const [file = ""] = files;
  const scaffold = readFileSync(file, "utf8");
  assert.match(scaffold, /-- depends: 1700000001000-add-phone\n/);
  write("/", { [file]: `${scaffold}\nalter table contacts add column email text;\n` });
  const migrated = await rider("migrate");
  assert.equal(migrated.code, 0, migrated.stderr);
  assert.deepEqual(await database.exec("select phone, email from contacts"), []);
  const back = await rider("rollback", "--all", "--yes", "--force");
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(await database.exec("select to_regclass('contacts')::text as there"), [{ there: null }]);
});
