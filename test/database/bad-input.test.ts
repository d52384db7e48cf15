import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { ApocryphanError, ConnectError, OptionError, PostgreSQLDatabase, SQLiteDatabase } from "apocryphan";
import { PooledPostgreSQLDatabase, PooledSQLiteDatabase } from "apocryphan/pool";
import { freshDatabase, type Kind } from "../support/database.ts";
import { plain, pooled } from "../support/open.ts";

const SECRET = "s3cr3t-passw0rd";

/** What a person or a log gets to see of an error. */
function shown(error: unknown): string {
  const all = [error, ...((error as { errors?: unknown[] }).errors ?? [])];
  return all.map((e) => [String(e), inspect(e, { depth: 9 }), JSON.stringify(e)].join("\n")).join("\n");
}

async function refusal(run: () => unknown): Promise<ApocryphanError> {
  try {
    await run();
  } catch (error) {
    assert.ok(error instanceof ApocryphanError, String(error));
    assert.doesNotMatch(shown(error), new RegExp(SECRET));
    return error;
  }
  return assert.fail("nothing was refused");
}

describe("an option that does not fit is refused when the object is made", () => {
  const cases: [options: object, says: RegExp][] = [
    [{ max_connections: 32 }, /no option "max_connections". Did you mean "maxConnections"\?/],
    [{ max: 5 }, /Did you mean "maxConnections"\?/],
    [{ connectionString: "postgresql://localhost/app" }, /Did you mean "url"\?/],
    [{ connectionTimeoutMillis: 2000 }, /Did you mean "timeout"\?/],
    [{ connectionLimit: 5 }, /Did you mean "maxConnections"\?/],
    [{ username: "me" }, /Did you mean "user"\?/],
    [{ idleTimeoutMillis: 5 }, /Did you mean "idleTimeout"\?/],
    [{ xyzzy: 5 }, /no option "xyzzy". Known are url, host/],
    [{ staleTimout: 5 }, /Did you mean "staleTimeout"\?/],
    [{ staleTimeout: "5 minutes" }, /"staleTimeout" takes a duration of more than 0.*"5 minutes"/],
    [{ staleTimeout: 0 }, /"staleTimeout" takes a duration of more than 0.*0/],
    [{ timeout: -1 }, /"timeout" takes a duration of 0 or more/],
    [{ maxConnections: 0 }, /"maxConnections" takes a whole number of 1 or more; it was given 0/],
    [{ maxConnections: 2.5 }, /"maxConnections" takes a whole number/],
    [{ minConnections: 30 }, /"minConnections" is 30, but "maxConnections" allows only 20/],
    [{ port: "5432" }, /"port" takes a whole number from 1 to 65535/],
    [{ reset: "some" }, /"reset" takes "full", "transaction" or "none"/],
    [{ client: "postgres" }, /"client" takes "pg"/],
    [{ hosts: [] }, /"hosts" takes a list of at least one/],
    [{ url: "postgrse://localhost" }, /with postgresql:.*Did you mean "postgres:"/],
    [{ url: "mysql://localhost" }, /for another kind of database/],
    [{ url: `postgres://u:${SECRET}@localhost/db?sslmod=require` }, /key "sslmod".*Did you mean "sslmode"/],
    [{ url: `postgres://u:${SECRET}@localhost:notaport/db` }, /host that can't be read/],
    [{ url: `postgres://u:${SECRET}@localhost:99999/db` }, /port that is none/],
    [{ url: "postgres:///db?port=x" }, /port that is none/],
    [{ url: "postgres://localhost/db?ssl=verify" }, /key ssl of a URL takes true, false, no-verify, or TLS/],
    [{ password: 5 }, /"password" takes a string or a function/],
  ];
  for (const [options, says] of cases) {
    test(JSON.stringify(options).replaceAll(SECRET, "…"), async () => {
      const error = await refusal(() => new PooledPostgreSQLDatabase(options as never));
      assert.ok(error instanceof OptionError);
      assert.equal(error.code, "OPTION_INVALID");
      assert.match(error.message, says);
    });
  }

  test("SQLite has no server, and needs a file", async () => {
    assert.match(
      (await refusal(() => new SQLiteDatabase({ database: "x.db", host: "h" }))).message,
      /no server/,
    );
    assert.match((await refusal(() => new SQLiteDatabase({}))).message, /needs the option "database"/);
    assert.match((await refusal(() => new PooledSQLiteDatabase("x.db" as never))).message, /takes an object/);
  });

  test("0 waits for ever, and a unit may be given", () => {
    new PooledPostgreSQLDatabase({
      timeout: 0,
      staleTimeout: "5m",
      idleTimeout: "1h",
      connectTimeout: "250ms",
    });
  });
});

describe("a URL is read", () => {
  test("with everything in it", async () => {
    const { readConnection } = await import("../../src/database/options.ts");
    const { postgresql } = await import("../../src/dialect/postgresql.ts");
    const read = (url: string, more: object = {}) =>
      readConnection({ url, ...more }, postgresql, ["pg"]).targets;
    const [target] = read(
      "postgres://us%40er:p%2Fw@db.example:6432/my%20db?application_name=app&sslmode=require",
    );
    assert.deepEqual(
      { ...target, driver: undefined },
      {
        host: "db.example",
        port: 6432,
        socketPath: undefined,
        user: "us@er",
        password: "p/w",
        database: "my db",
        ssl: { rejectUnauthorized: false },
        applicationName: "app",
        connectTimeout: 10_000,
        driver: undefined,
      },
    );
    assert.equal(read("postgres://a:b@c@host/db")[0].password, "b@c");
    for (const [value, ssl] of [
      ["true", true],
      ["0", false],
      ["no-verify", { rejectUnauthorized: false }],
      ['{"rejectUnauthorized":true}', { rejectUnauthorized: true }],
    ]) {
      assert.deepEqual(read(`postgres://host/db?ssl=${value}`)[0].ssl, ssl);
    }
    assert.equal(read("postgres://host/db", { host: "other", user: "me" })[0].host, "other");
    assert.deepEqual(
      read("postgres://h1,h2:6000,[::1]:7000/db").map(({ host, port }) => [host, port]),
      [
        ["h1", 5432],
        ["h2", 6000],
        ["::1", 7000],
      ],
    );
    assert.equal(read("postgres:///db?host=/run/pg")[0].socketPath, "/run/pg");
  });
});

describe("a connect that fails says where and why", () => {
  for (const kind of ["postgresql", "mysql"] as Kind[]) {
    for (const open of [plain, pooled]) {
      test(`a wrong password on ${kind}, ${open.name}`, async (t) => {
        const fresh = await freshDatabase(kind, t);
        const { username, host } = new URL(fresh.url);
        const db = open(fresh, { user: username === "" ? "nobody" : "nobody", password: SECRET });
        const error = await refusal(() => db.connect());
        assert.ok(error instanceof ConnectError);
        assert.match(
          error.message,
          new RegExp(`${host}.*user "nobody".*the user or the password was refused`),
        );
        await db[Symbol.asyncDispose]();
      });

      test(`a database that does not exist on ${kind}, ${open.name}`, async (t) => {
        const fresh = await freshDatabase(kind, t);
        const db = open(fresh, { database: "no_such_db" });
        assert.match(
          (await refusal(() => db.connect())).message,
          /database "no_such_db": there is no such database/,
        );
        await db[Symbol.asyncDispose]();
      });
    }

    test(`a port that refuses, and a server that is another, on ${kind}`, async (t) => {
      const fresh = await freshDatabase(kind, t);
      const listener = createServer((socket) =>
        socket
          .on("error", () => {})
          .resume()
          .end(),
      );
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      const { port } = listener.address() as { port: number };
      const closing = plain(fresh, { host: "127.0.0.1", port, password: SECRET });
      assert.match(
        (await refusal(() => closing.connect())).message,
        new RegExp(`127.0.0.1:${port}.*closed before`),
      );
      await new Promise((resolve) => listener.close(resolve));
      const refusing = plain(fresh, { host: "127.0.0.1", port, password: SECRET });
      const error = await refusal(() => refusing.connect());
      assert.equal(error.code, "CONNECT_FAILED");
      assert.match(error.message, new RegExp(`127.0.0.1:${port}.*nothing listens there.*ECONNREFUSED`));
    });

    test(`a server that never answers on ${kind} is given up after connectTimeout, or by a signal`, async (t) => {
      const fresh = await freshDatabase(kind, t);
      const sockets: { destroy(): void }[] = [];
      const listener = createServer((socket) => sockets.push(socket.on("error", () => {})));
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      const { port } = listener.address() as { port: number };
      const where = { host: "127.0.0.1", port };
      const slow = plain(fresh, { ...where, connectTimeout: "100ms" });
      assert.match((await refusal(() => slow.connect())).message, /no answer within 100 ms/);
      const controller = new AbortController();
      const waiting = pooled(fresh, where).connect({ signal: controller.signal });
      controller.abort();
      await assert.rejects(waiting, { name: "AbortError" });
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    });
  }

  test("a password may be asked for at each connect", async (t) => {
    for (const kind of ["postgresql", "mysql"] as Kind[]) {
      const fresh = await freshDatabase(kind, t);
      const { password } = new URL(fresh.url);
      let asked = 0;
      const db = plain(fresh, {
        password: async () => {
          asked++;
          return decodeURIComponent(password);
        },
      });
      await db.connect();
      await db.close();
      await db.connect();
      await db.close();
      assert.ok(
        asked === 2 || (kind === "postgresql" && asked === 0),
        "a server that trusts us asks for none",
      );
    }
  });

  test("a password function that gives no string is told, and ends nothing", async (t) => {
    for (const client of ["mysql2", "mariadb"]) {
      const fresh = await freshDatabase("mysql", t);
      const db = plain(fresh, { client, password: () => 5 as never });
      assert.match(
        (await refusal(() => db.connect())).message,
        /gave a value of type number instead of a string/,
      );
    }
  });

  test("a SQLite file that can't be opened, and one that is no database", async () => {
    const missing = new SQLiteDatabase({ database: join(import.meta.dirname, "no", "such", "folder.db") });
    assert.match(
      (await refusal(() => missing.connect())).message,
      /folder.db: it could not be opened or made/,
    );
    const wrong = new SQLiteDatabase({ database: import.meta.filename });
    assert.match((await refusal(() => wrong.connect())).message, /not a SQLite database/);
  });

  test("several hosts: the first that answers is taken; where none does, all are named", async (t) => {
    const fresh = await freshDatabase("postgresql", t);
    const { hostname, port } = new URL(fresh.url);
    const dead = { host: "127.0.0.1", port: 1 };
    const live = { host: hostname, port: Number(port) };
    const db = new PostgreSQLDatabase({ url: fresh.url, hosts: [dead, live] });
    assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
    const none = new PostgreSQLDatabase({ url: fresh.url, hosts: [dead, { host: "127.0.0.1", port: 2 }] });
    assert.match((await refusal(() => none.connect())).message, /None of 2 hosts.*127.0.0.1:1.*127.0.0.1:2/);
  });
});
