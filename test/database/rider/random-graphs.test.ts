import assert from "node:assert/strict";
import { test } from "node:test";
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

test(`${GRAPHS} random graphs are applied and rolled back to nothing, a part at a time`, async () => {
  const database = await freshDatabase("sqlite");
  const first = Number(process.env.APOCRYPHAN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  for (let n = 0; n < GRAPHS; n++) {
    const seed = first + n;
    const random = chance(seed);
    const files = graph(seed);
    const rider = riderOn(database, project(files));
    const count = Object.keys(files).length / 2;
    try {
      const { applied } = await rider.migrate();
      assert.equal(applied.length, count);
      await rider.rollback({ index: random(count) });
      await rider.migrate();
      await rider.rollback({ last: 1 + random(count) });
      await rider.rollback({ all: true });
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
