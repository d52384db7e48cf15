import assert from "node:assert/strict";
import { test } from "node:test";
import { Pool } from "apocryphan/pg";
import pg from "pg";
import { DataSource, EntitySchema } from "typeorm";
import { freshDatabase } from "../../../support/database.ts";

interface Person {
  id: number;
  name: string;
}

const people = new EntitySchema<Person>({
  name: "person",
  columns: {
    id: { type: "int", primary: true, generated: true },
    name: { type: "text", unique: true },
  },
});

test("TypeORM makes the pool where it is given a pg with it: schema, repositories, transactions, streams", async (t) => {
  const fresh = await freshDatabase("postgresql", t);
  const made: Pool[] = [];
  class Ours extends Pool {
    constructor(options?: ConstructorParameters<typeof Pool>[0]) {
      super(options);
      made.push(this);
    }
  }
  const source = new DataSource({
    type: "postgres",
    url: fresh.url,
    driver: { ...pg, Pool: Ours },
    entities: [people],
    synchronize: true,
    poolSize: 3,
  });
  await source.initialize();
  const repository = source.getRepository(people);
  await repository.save([{ name: "Ada" }, { name: "Grace" }]);
  await assert.rejects(
    source.transaction(async (manager) => {
      await manager.save(people, { name: "Nobody" });
      throw new Error("not so");
    }),
    /not so/,
  );
  await assert.rejects(repository.save({ name: "Ada" }), { code: "23505" });
  const counts = await Promise.all(Array.from({ length: 12 }, () => repository.count()));
  assert.deepEqual(new Set(counts), new Set([2]));
  const stream = await repository.createQueryBuilder("person").orderBy("person.id").stream();
  const names: unknown[] = [];
  for await (const row of stream) names.push((row as { person_name: string }).person_name);
  assert.deepEqual(names, ["Ada", "Grace"]);
  await source.destroy();
  assert.equal(made.length, 1);
  assert.equal(made[0]?.options.max, 3);
  assert.equal(made[0]?.ended, true);
});
