import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { OptionError } from "apocryphan";
import { connection as forExpress } from "apocryphan/express";
import type { ConnectionOptions } from "apocryphan/koa";
import { KINDS, type Kind } from "../../support/database.ts";
import { contactsTable, openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { FRAMEWORKS, type Framework, type Handler, refusal, start } from "./apps.ts";
import { Client } from "./clients.ts";

/** An application with a table of contacts, on which every request is a transaction. */
async function contacts(
  kind: Kind,
  framework: Framework,
  t: TestContext,
  handler: (db: Awaited<ReturnType<typeof openPooled>>) => Handler,
  transaction: ConnectionOptions["transaction"] = true,
) {
  const db = await openPooled(kind, t, { maxConnections: 4, timeout: "20s" });
  await db.fresh.exec(contactsTable(db.dialect));
  const app = await start(framework, db, { transaction }, handler(db), t);
  const names = async (): Promise<string> => {
    const rows = await db.fresh.exec<{ name: string }>("select name from contacts order by name");
    return rows.map(({ name }) => name).join();
  };
  return { db, ...app, names };
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

for (const kind of KINDS) {
  for (const framework of FRAMEWORKS) {
    test(`${framework} on ${kind}: a request is one transaction, committed before its success is told`, async (t) => {
      const { db, url, names } = await contacts(kind, framework, t, (db) => async () => {
        const before = db.isTrans;
        await db.sql`insert into contacts (name) values (${"Ada"})`;
        await db
          .atomic(async () => {
            await db.sql`insert into contacts (name) values (${"Bob"})`;
            throw new Error("undone");
          })
          .catch(() => {});
        await db.atomic(() => db.sql`insert into contacts (name) values (${"Cy"})`);
        // Another connection does not see it yet.
        return { body: `${before} ${db.isTrans} ${await names()}` };
      });
      assert.deepEqual(await get(url), { status: 200, text: "true true " });
      assert.equal(await names(), "Ada,Cy");
      await until("the connection to be back", () => db.stats().inUse === 0);
    });

    test(`${framework} on ${kind}: a request that throws is undone`, async (t) => {
      const { db, url, names, errors } = await contacts(kind, framework, t, (db) => async () => {
        await db.sql`insert into contacts (name) values (${"Ada"})`;
        throw new Error("broken");
      });
      const { status } = await get(url);
      assert.equal(status, 500);
      await until("the connection to be back", () => db.stats().inUse === 0);
      assert.equal(await names(), "");
      assert.equal(errors.length, 1);
    });
  }
}

for (const framework of FRAMEWORKS) {
  test(`${framework}: a response of 500 and more is undone, one of 4xx is not`, async (t) => {
    const { url, names } = await contacts("sqlite", framework, t, (db) => async ({ path }) => {
      await db.sql("insert into contacts (name) values (?)", [path]);
      return { status: Number(path.slice(1)), body: "told" };
    });
    for (const status of [201, 404, 499, 500, 503]) {
      assert.deepEqual(await get(`${url}/${status}`), { status, text: "told" });
    }
    assert.equal(await names(), "/201,/404,/499");
  });

  test(`${framework}: rollbackFrom moves the line`, async (t) => {
    const handler = (db: { sql(text: string, values: string[]): Promise<unknown> }): Handler => {
      return async ({ path }) => {
        await db.sql("insert into contacts (name) values (?)", [path]);
        return { status: Number(path.slice(1)), body: "told" };
      };
    };
    const app = await contacts("sqlite", framework, t, handler, { rollbackFrom: 400 });
    await get(`${app.url}/404`);
    await get(`${app.url}/200`);
    assert.equal(await app.names(), "/200");
  });

  test(`${framework}: a thrown error with a status below 500 is undone`, async (t) => {
    // Express does not tell a middleware of errors, only of the status they end in.
    const transaction = framework === "express" ? { rollbackFrom: 400 } : true;
    const refused = (db: { sql(text: string): Promise<unknown> }): Handler => {
      return async () => {
        await db.sql("insert into contacts (name) values ('Ada')");
        throw refusal(409);
      };
    };
    const { url, names } = await contacts("sqlite", framework, t, refused, transaction);
    assert.equal((await get(url)).status, 409);
    assert.equal(await names(), "");
  });

  test(`${framework}: where the commit fails, the error handler answers`, async (t) => {
    const { url, names, errors, db } = await contacts("postgresql", framework, t, (db) => async () => {
      await db.sql("insert into later values (1, 2)");
      return { status: 201, body: "success" };
    });
    await db.fresh.exec(
      "create table later (id int primary key, before int references later deferrable initially deferred)",
    );
    const { status, text } = await get(url);
    assert.equal(status, 500);
    // Koa does not show messages; it names the status.
    assert.ok(!text.includes("success"), text);
    assert.equal(errors.length, 1);
    assert.match(String(errors[0]), /23503|foreign key/);
    assert.equal(await names(), "");
    await until("the connection to be back", () => db.stats().inUse === 0);
  });

  test(`${framework}: a failure that was caught does not pass for success`, async (t) => {
    const { url, names } = await contacts("postgresql", framework, t, (db) => async () => {
      await db.sql("insert into contacts (name) values ('Ada')");
      await db.sql("insert into contacts (name) values ('Ada')").catch(() => {});
      return { body: "success" };
    });
    assert.equal((await get(url)).status, 500);
    assert.equal(await names(), "");
  });

  test(`${framework}: giving the connection back early undoes the transaction, and is no success`, async (t) => {
    const { url, names } = await contacts("mysql", framework, t, (db) => async () => {
      await db.sql("insert into contacts (name) values ('Ada')");
      await db.close();
      await assert.rejects(db.sql("insert into contacts (name) values ('Bob')"), {
        code: "CONNECTION_CLOSED",
      });
      return { body: "success" };
    });
    assert.equal((await get(url)).status, 500);
    assert.equal(await names(), "");
  });

  test(`${framework}: a statement that nobody awaited is part of it`, async (t) => {
    const { url, names } = await contacts("postgresql", framework, t, (db) => async () => {
      void db.sql("insert into contacts (name) values ('Ada')");
      return { body: "sent" };
    });
    assert.equal((await get(url)).status, 200);
    assert.equal(await names(), "Ada");
  });

  test(`${framework}: isolation and readOnly are as atomic has them`, async (t) => {
    const options = { isolation: "serializable", readOnly: true } as const;
    const told = (db: { get(text: string): Promise<object> }): Handler => {
      return async () => ({
        body: Object.values({
          ...(await db.get("show transaction_isolation")),
          ...(await db.get("show transaction_read_only")),
        }).join(),
      });
    };
    const { url } = await contacts("postgresql", framework, t, told, options);
    assert.equal((await get(url)).text, "serializable,on");
  });

  test(`${framework}: a client that leaves before the response undoes it`, async (t) => {
    let [inserted, left] = [false, false];
    let late: Promise<unknown> | undefined;
    const { url, names } = await contacts("mysql", framework, t, (db) => async () => {
      await db.sql("insert into contacts (name) values ('Ada')");
      inserted = true;
      await until("the client to be gone", () => left && db.stats().inUse === 0);
      late = db.sql("insert into contacts (name) values ('Bob')").catch((error) => error.code);
      await late;
      return { body: "too late" };
    });
    const client = new Client(url);
    await until("the statement", () => inserted);
    client.leave();
    left = true;
    await until("the late statement", () => late !== undefined);
    assert.equal(await late, "REQUEST_ENDED");
    assert.equal(await names(), "");
  });
}

test("options that do not exist or do not fit are refused when the middleware is made", async (t) => {
  const db = await openPooled("sqlite", t);
  const refused = (options: object, option: string, message: RegExp): void => {
    assert.throws(
      () => forExpress(db, options),
      (error) => error instanceof OptionError && error.option === option && message.test(error.message),
    );
  };
  refused({ transactions: true }, "transactions", /Did you mean "transaction"/);
  refused({ transaction: "yes" }, "transaction", /true, false, or an object/);
  refused({ transaction: { isolation: "snapshot" } }, "isolation", /"serializable"/);
  refused({ transaction: { readOnly: 1 } }, "readOnly", /true or false/);
  refused({ transaction: { rollbackFrom: 200 } }, "rollbackFrom", /400 to 600/);
  refused({ transaction: { retries: 1 } }, "retries", /has no option "retries"/);
  refused({ cancelOnDisconnect: "no" }, "cancelOnDisconnect", /true or false/);
  assert.throws(() => forExpress({} as typeof db), /takes a database object/);
});
