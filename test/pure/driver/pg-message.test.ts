import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MessageWriter } from "../../../src/driver/pg-message.ts";
import { int16, int32, message } from "./protocol.ts";

function string(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.of(0)]);
}

const text = fc.string({ unit: "grapheme", maxLength: 200 }).filter((s) => !s.includes("\0"));
const value = fc.oneof(
  text,
  fc.constant(null),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  // Larger than what the writer begins with.
  fc.nat({ max: 20_000 }).map((n) => "é".repeat(n)),
);

test("the messages of a statement are written as the protocol has them, in one piece", () => {
  const writer = new MessageWriter();
  fc.assert(
    fc.property(text, text, fc.array(value, { maxLength: 20 }), (name, sql, values) => {
      writer.close(name);
      writer.parse(name, sql);
      writer.bind(name, values);
      writer.describe();
      writer.execute();
      writer.sync();
      writer.query(sql);
      const bytes = values.map((v) => (typeof v === "string" ? Buffer.from(v) : v));
      const formats = values.some(Buffer.isBuffer)
        ? [int16(values.length), ...values.map((v) => int16(Buffer.isBuffer(v) ? 1 : 0))]
        : [int16(0)];
      const expected = Buffer.concat([
        message("C", Buffer.from("S"), string(name)),
        message("P", string(name), string(sql), int16(0)),
        message(
          "B",
          string(""),
          string(name),
          ...formats,
          int16(values.length),
          ...bytes.flatMap((v) => (v === null ? [int32(-1)] : [int32(v.length), v])),
          int16(0),
        ),
        message("D", Buffer.from("P"), string("")),
        message("E", string(""), int32(0)),
        message("S"),
        message("Q", string(sql)),
      ]);
      assert.ok(writer.take().equals(expected));
    }),
    { numRuns: 300 },
  );
});

test("what was taken stays as it was, whatever is written next", () => {
  const writer = new MessageWriter();
  const taken: { bytes: Buffer; copy: Buffer }[] = [];
  for (let i = 0; i < 2000; i++) {
    writer.query(`select ${i}`);
    writer.bind("name", [String(i), "x".repeat(i)]);
    if (i % 3 > 0) continue;
    const bytes = writer.take();
    taken.push({ bytes, copy: Buffer.from(bytes) });
  }
  for (const { bytes, copy } of taken) assert.ok(bytes.equals(copy));
  assert.ok(taken.at(-1)?.bytes.includes("select 1998"));
});

test("a statement that could not be written to its end leaves nothing of itself", () => {
  const writer = new MessageWriter();
  writer.query("select 1");
  const size = writer.size;
  writer.parse("half", "select 2");
  writer.cutTo(size);
  writer.sync();
  assert.deepEqual(writer.take(), Buffer.concat([message("Q", string("select 1")), message("S")]));
  assert.equal(writer.size, 0);
  assert.equal(writer.take().length, 0);
});
