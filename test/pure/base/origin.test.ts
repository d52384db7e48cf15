import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf } from "../../../src/base/origin.ts";

const at = (host: string, port: number, socketPath?: string) => ({
  host,
  port,
  socketPath,
  database: "porg",
});

test("a server without a name of its own is called by its address and database", () => {
  assert.deepEqual(originOf("postgresql", [at("db.example", 5433)], undefined), {
    name: "db.example:5433/porg",
    dialect: "postgresql",
    database: "porg",
    host: "db.example",
    port: 5433,
  });
});

test("a name that was given is used", () => {
  assert.equal(originOf("mysql", [at("localhost", 3306)], "reports").name, "reports");
});

test("several hosts are named together, with their ports where these differ", () => {
  const same = originOf("postgresql", [at("a", 5432), at("b", 5432)], undefined);
  assert.deepEqual([same.host, same.port, same.name], ["a,b", 5432, "a,b:5432/porg"]);
  const different = originOf("postgresql", [at("a", 5432), at("b", 5433)], undefined);
  assert.deepEqual(
    [different.host, different.port, different.name],
    ["a:5432,b:5433", undefined, "a:5432,b:5433/porg"],
  );
});

test("a socket is named by its path, and SQLite by its file", () => {
  const socket = originOf("mysql", [at("localhost", 3306, "/run/mysqld.sock")], undefined);
  assert.deepEqual([socket.host, socket.port], ["/run/mysqld.sock", undefined]);
  const file = originOf("sqlite", [{ host: "localhost", port: 0, database: "app.db" }], undefined);
  assert.deepEqual(file, {
    name: "app.db",
    dialect: "sqlite",
    database: "app.db",
    host: undefined,
    port: undefined,
  });
});
