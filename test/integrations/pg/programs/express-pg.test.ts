import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { emptyProject } from "../../../docs/project.ts";
import { freshDatabase } from "../../../support/database.ts";
import { type RunningExample, startExample } from "../../../support/example.ts";

const EXAMPLE = join(import.meta.dirname, "../../../../examples/express-pg");
const CHANGED = /^import .* from "apocryphan\/pg"; \/\/ was: (import .* from "pg";)$/m;

const source = readFileSync(join(EXAMPLE, "server.ts"), "utf8");

/** What a visitor does, and what he is answered: status, place to go on, page. */
async function visit({ url }: RunningExample): Promise<string[]> {
  const answers: string[] = [];
  const ask = async (path: string, form?: Record<string, string>): Promise<void> => {
    const response = await fetch(new URL(path, url), {
      redirect: "manual",
      headers: { connection: "close" },
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
    });
    answers.push(`${response.status} ${response.headers.get("location")} ${await response.text()}`);
  };
  await ask("/");
  for (const name of ["Grace", "Ada", "Ada", "<b>Bob & Co</b>"]) await ask("/contacts", { name });
  await ask("/");
  // Far more than there are clients, half of them refused: a transaction that fails leaves nothing behind.
  const crowd = Array.from({ length: 60 }, (_, i) => `Friend ${Math.trunc(i / 2)}`);
  const statuses = await Promise.all(
    crowd.map(async (name) => {
      const response = await fetch(new URL("/contacts", url), {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ name }),
      });
      await response.text();
      return response.status;
    }),
  );
  answers.push(statuses.sort().join(" "));
  await ask("/contacts/1/delete", {});
  await ask("/contacts/1/delete", {});
  await ask("/contacts/nobody/delete", {});
  return answers;
}

/** Ids, which two callers at once get in either order, and stacks, which name the folder. */
function comparable(answers: readonly string[]): string[] {
  return answers.map((answer) =>
    answer.replaceAll(/contacts\/\d+/g, "contacts/N").replace(/^500[\s\S]*/, "500"),
  );
}

test("an Express application gives the same answers after its one line is changed", async (t) => {
  assert.match(source, CHANGED);
  const project = emptyProject();
  t.after(() => project.remove());
  project.write("server.ts", source.replace(CHANGED, "$1"));
  project.write("views.ts", readFileSync(join(EXAMPLE, "views.ts"), "utf8"));
  const [before, after] = await Promise.all([freshDatabase("postgresql", t), freshDatabase("postgresql", t)]);
  const theirs = await startExample(t, ["server.ts"], { DATABASE_URL: before.url }, project.folder);
  const ours = await startExample(t, ["--conditions=apocryphan-source", join(EXAMPLE, "start.ts")], {
    DATABASE_URL: after.url,
  });
  const expected = comparable(await visit(theirs));
  assert.deepEqual(comparable(await visit(ours)), expected);
  assert.match(expected[5] ?? "", /<li>&lt;b&gt;Bob &amp; Co&lt;\/b&gt; /);
  assert.equal(expected[6], [...Array(30).fill(303), ...Array(30).fill(409)].join(" "));
  const rows =
    "select (select count(*)::int from contacts) as contacts, (select count(*)::int from changes) as changes";
  assert.deepEqual(await after.exec(rows), [{ contacts: 32, changes: 34 }]);
  assert.deepEqual(await before.exec(rows), [{ contacts: 32, changes: 34 }]);
  assert.equal((await theirs.stop()).code, 0);
  assert.equal((await ours.stop()).code, 0);
});

test("the example starts with one command and brings its own database", async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(EXAMPLE, "../../package.json"), "utf8"));
  const [program, ...args] = String(scripts["example:express-pg"]).split(" ");
  assert.equal(program, "node");
  const example = await startExample(t, args, { DATABASE_URL: undefined });
  assert.match(await (await fetch(example.url, { headers: { connection: "close" } })).text(), /0 changes/);
  assert.deepEqual(await example.stop(), { code: 0, complained: "" });
});
