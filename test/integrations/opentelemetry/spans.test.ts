import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { DatabaseError, sql } from "apocryphan";
import { type InstrumentOptions, instrument } from "apocryphan/opentelemetry";
import { KINDS } from "../../support/database.ts";
import { contactsTable, openPlain, openPooled } from "../../support/open.ts";
import { sdk } from "./sdk.ts";

/** What the database answers to a table that is not there. */
const NO_TABLE: Record<string, string> = { postgresql: "42P01", mysql: "1146", sqlite: "1" };

for (const kind of KINDS) {
  test(`${kind}: a statement is a client span by the conventions, below the span it is called in`, async (t) => {
    const { tracerProvider, meterProvider, spans } = sdk();
    const db = await openPooled(kind, t, { maxConnections: 2, autoconnect: true });
    await db.sql(contactsTable(db.dialect));
    const tracing = instrument(db, { tracerProvider, meterProvider });
    t.after(() => tracing.stop());
    const outer = tracerProvider.getTracer("test").startSpan("request");
    const name = "Ada Lovelace";
    await context.with(trace.setSpan(context.active(), outer), async () => {
      await db.insert(sql`insert into contacts (name) values (${name})`);
    });
    outer.end();
    const [span] = spans();
    assert.ok(span);
    const placeholder = db.dialect === "postgresql" ? "$1" : "?";
    assert.equal(span.name, "insert contacts");
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.equal(span.status.code, SpanStatusCode.UNSET);
    assert.equal(span.parentSpanContext?.spanId, outer.spanContext().spanId);
    const { host, port, database } = db.origin;
    assert.deepEqual(span.attributes, {
      "db.system.name": db.dialect,
      ...(database === undefined ? {} : { "db.namespace": database }),
      ...(host === undefined ? {} : { "server.address": host, "server.port": port }),
      "db.query.summary": "insert contacts",
      "db.operation.name": "insert",
      "db.collection.name": "contacts",
      "db.query.text": `insert into contacts (name) values (${placeholder})`,
    });
    assert.equal(database, kind === "sqlite" ? db.fresh.name : db.fresh.name);
  });

  test(`${kind}: a statement that fails is a span with the database's code and no value`, async (t) => {
    const { tracerProvider, meterProvider, spans } = sdk();
    const db = await openPlain(kind, t);
    const tracing = instrument(db, { tracerProvider, meterProvider });
    t.after(() => tracing.stop());
    await assert.rejects(db.sql("select * from nowhere where name = 'a secret' and age = 42"), DatabaseError);
    const [span] = spans();
    assert.ok(span);
    const code = NO_TABLE[db.dialect];
    assert.equal(span.attributes["db.response.status_code"], code);
    assert.equal(span.attributes["error.type"], code);
    assert.equal(span.status.code, SpanStatusCode.ERROR);
    assert.match(span.status.message ?? "", new RegExp(`\\[${code}\\]$`));
    assert.equal(span.attributes["db.query.text"], "select * from nowhere where name = ? and age = ?");
    assert.doesNotMatch(inspect({ ...span }, { depth: 5 }), /a secret|42 /);
  });
}

test("an atomic block's own statements are spans too, in their order", async (t) => {
  const { tracerProvider, meterProvider, spans } = sdk();
  const db = await openPooled("postgresql", t, { maxConnections: 1 });
  const tracing = instrument(db, { tracerProvider, meterProvider });
  t.after(() => tracing.stop());
  await db.withConnection(() => db.atomic(() => db.get("select 1 as one")));
  const names = spans().map(({ name }) => name);
  assert.deepEqual([names.includes("select"), names.at(-1)], [true, "commit"]);
});

test("a statement that got no connection is a span with the error's class", async (t) => {
  const { tracerProvider, meterProvider, spans } = sdk();
  const db = await openPooled("sqlite", t, { maxConnections: 1, autoconnect: true });
  const tracing = instrument(db, { tracerProvider, meterProvider });
  t.after(() => tracing.stop());
  await db.withConnection(async () => {
    await assert.rejects(db.context(() => db.sql("select 1")));
  });
  const [span] = spans();
  assert.equal(span?.attributes["error.type"], "MaxConnectionsExceededError");
  assert.equal(span?.attributes["db.response.status_code"], undefined);
  assert.equal(span?.status.message, "POOL_EXHAUSTED");
});

test("the text can be left out, statements outside of spans too, and spans altogether", async (t) => {
  const { tracerProvider, meterProvider, spans } = sdk();
  const db = await openPlain("sqlite", t);
  const runWith = async (options: InstrumentOptions, text: string): Promise<void> => {
    const tracing = instrument(db, { tracerProvider, meterProvider, ...options });
    await db.sql(text);
    tracing.stop();
  };
  await runWith({ queryText: false, systemName: "libsql" }, "select 1");
  await runWith({ rootSpans: false }, "select 2");
  await runWith({ spans: false }, "select 3");
  await db.sql("select 4");
  assert.equal(spans().length, 1);
  assert.equal(spans()[0]?.attributes["db.query.text"], undefined);
  assert.equal(spans()[0]?.attributes["db.system.name"], "libsql");
});

test("the spans of one database object are not another's", async (t) => {
  const { tracerProvider, meterProvider, spans } = sdk();
  const [one, other] = [await openPlain("sqlite", t), await openPlain("sqlite", t)];
  const tracing = instrument(one, { tracerProvider, meterProvider });
  t.after(() => tracing.stop());
  await other.sql("select 1");
  await one.sql("select 2 as two");
  assert.deepEqual(
    spans().map(({ attributes }) => attributes["db.query.text"]),
    ["select ? as two"],
  );
});
