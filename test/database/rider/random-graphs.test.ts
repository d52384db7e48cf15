import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunResult } from "../../../src/rider.ts";
import { freshDatabase } from "../../support/database.ts";
import { project, riderOn, rows } from "./project.ts";

const GRAPHS = 200;

/** Numbers that are the same again for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Which migrations each one depends on, as its file says. */
function dependencies(files: Record<string, string>): Map<string, string[]> {
  const said = Object.entries(files).map(([name, text]): [string, string[]] => [
    name.replace(/\.sql$/, ""),
    /^-- depends: (.*)$/m.exec(text)?.[1]?.split(" ") ?? [],
  ]);
  return new Map(said.filter(([id]) => !id.endsWith(".rollback")));
}

/** Each comes after all that it depends on, as far as they are in the list. */
function inOrder(ids: readonly string[], depends: ReadonlyMap<string, string[]>): void {
  for (const [at, id] of ids.entries()) {
    const late = (depends.get(id) ?? []).filter((other) => ids.indexOf(other) > at);
    assert.deepEqual(late, [], `${id} came before what it depends on: ${ids.join(", ")}`);
  }
}

/** Tables that refer to the tables of the migrations they depend on, with numbers that say nothing about the order. */
function graph(seed: number): Record<string, string> {
  const random = chance(seed);
  const numbers = Array.from({ length: 3 + random(10) }, (_, i) => i);
  for (let i = numbers.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [numbers[i], numbers[j]] = [numbers[j] ?? 0, numbers[i] ?? 0];
  }
  const files: Record<string, string> = {};
  for (const [i, number] of numbers.entries()) {
    const parents = numbers.slice(0, i).filter(() => random(3) === 0);
    const id = `${number}-t${number}`;
    const references = parents.map((parent) => `, p${parent} int not null references t${parent} (id)`);
    const values = parents.map(() => ", 1");
    files[`${id}.sql`] = [
      parents.length > 0 ? `-- depends: ${parents.map((parent) => `${parent}-t${parent}`).join(" ")}` : "",
      `create table t${number} (id int primary key${references.join("")});`,
      `insert into t${number} values (1${values.join("")});`,
    ].join("\n");
    files[`${id}.rollback.sql`] = `delete from t${number};\ndrop table t${number};`;
  }
  return files;
}

test(`${GRAPHS} random graphs are applied and rolled back to nothing, a part at a time and each after or before what it depends on`, async () => {
  const database = await freshDatabase("sqlite");
  const first = Number(process.env.APOCRYPHAN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  for (let n = 0; n < GRAPHS; n++) {
    const seed = first + n;
    const random = chance(seed);
    const files = graph(seed);
    const rider = riderOn(database, project(files));
    const depends = dependencies(files);
    const count = depends.size;
    const forth = ({ applied }: RunResult): void => inOrder(applied, depends);
    const back = ({ rolledBack }: RunResult): void => inOrder([...rolledBack].reverse(), depends);
    try {
      const first = await rider.migrate();
      assert.equal(first.applied.length, count);
      forth(first);
      back(await rider.rollback({ index: random(count) }));
      forth(await rider.migrate());
      back(await rider.rollback({ last: 1 + random(count) }));
      back(await rider.rollback({ all: true }));
      const left = await rows(
        database,
        "select name from sqlite_schema where name not like '\\_rider%' escape '\\' and name not like 'sqlite%'",
      );
      assert.deepEqual(left, []);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
