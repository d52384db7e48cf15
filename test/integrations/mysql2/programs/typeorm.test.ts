import assert from "node:assert/strict";
import { test } from "node:test";
import mysql from "apocryphan/mysql2";
import { DataSource, EntitySchema } from "typeorm";
import { database, sessions } from "../support.ts";

interface Person {
  id: number;
  name: string;
}

const people = new EntitySchema<Person>({
  name: "person",
  columns: {
    id: { type: "int", primary: true, generated: true },
    name: { type: "varchar", length: 20, unique: true },
  },
});

test("TypeORM makes the pool where it is given the module: schema, repositories, transactions, streams", async () => {
  const source = new DataSource({
    type: "mariadb",
    url: database.url,
    driver: mysql,
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
  await assert.rejects(repository.save({ name: "Ada" }), { code: "ER_DUP_ENTRY" });
  const numbers = await Promise.all(Array.from({ length: 12 }, () => repository.count()));
  assert.deepEqual(new Set(numbers), new Set([2]));
  const streamed: unknown[] = [];
  const rows = await source.createQueryBuilder(people, "p").orderBy("p.id").stream();
  for await (const row of rows) streamed.push(row);
  assert.deepEqual(streamed, [
    { p_id: 1, p_name: "Ada" },
    { p_id: 2, p_name: "Grace" },
  ]);
  assert.ok((await sessions()) <= 3);
  await source.destroy();
  assert.equal(await sessions(), 0);
});
