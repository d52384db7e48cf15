import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Errand, ErrandPacker, ErrandReader } from "../../../src/driver/sqlite-wire.ts";

/** What comes out at the other end, message by message, as between threads. */
function sent(messages: readonly (readonly (readonly [number, Errand])[])[]): (readonly [number, Errand])[] {
  const packer = new ErrandPacker();
  const reader = new ErrandReader();
  const found: (readonly [number, Errand])[] = [];
  for (const message of messages) {
    for (const [desk, errand] of message) packer.add(desk, errand);
    const ready = packer.take();
    if (ready === undefined) continue;
    const parcel = structuredClone(ready.parcel, { transfer: ready.transfer });
    reader.read(parcel, (desk, errand) => found.push([desk, errand]));
  }
  return found;
}

const value = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array(),
);
const text = fc.oneof(fc.constantFrom("select 1", "select ?", "", "x".repeat(2500)), fc.string());
const errand: fc.Arbitrary<Errand> = fc.oneof(
  fc.record({
    op: fc.constant("run" as const),
    text,
    values: fc.array(value),
    patience: fc.nat(),
    reads: fc.boolean(),
  }),
  fc.record({
    ...{ op: fc.constant("cursor" as const), text, values: fc.array(value), patience: fc.nat() },
    ...{ cursor: fc.nat(), batch: fc.nat() },
  }),
  fc.record({ op: fc.constant("more" as const), cursor: fc.nat(), batch: fc.nat() }),
  fc.record({ op: fc.constant("end" as const), cursor: fc.nat() }),
  fc.record({ op: fc.constantFrom("cancel" as const, "close" as const) }),
  fc.record({
    ...{ op: fc.constant("open" as const), client: fc.string(), file: fc.string() },
    options: fc.dictionary(fc.string(), fc.boolean()),
  }),
);

test("what is asked of another thread arrives as it was asked, in its order", () => {
  const messages = fc.array(fc.array(fc.tuple(fc.nat(), errand)));
  fc.assert(
    fc.property(messages, (all) => {
      assert.deepEqual(sent(all), structuredClone(all.flat()));
    }),
  );
});

test("a text that was sent before travels as a number, also when more texts were seen than are remembered", () => {
  const run = (text: string): readonly [number, Errand] => [
    1,
    { op: "run", text, values: [], patience: 0, reads: true },
  ];
  const texts = Array.from({ length: 2500 }, (_, i) => `select ${i}`);
  const messages = [...texts, ...texts, "select 0", "select 2499"].map((each) => [run(each)]);
  assert.deepEqual(sent(messages), messages.flat());
  const packer = new ErrandPacker();
  const length = (): number => JSON.stringify(packer.take()?.parcel).length;
  packer.add(...run(texts[0] as string));
  const first = length();
  packer.add(...run(texts[0] as string));
  assert.ok(length() < first);
});

test("bytes are the caller's own still, and those at the other end as they were when they were sent", () => {
  const bytes = new Uint8Array(10_000).fill(7);
  const packer = new ErrandPacker();
  packer.add(1, { op: "run", text: "select ?", values: [bytes], patience: 0, reads: true });
  bytes.fill(8);
  const ready = packer.take();
  assert.ok(ready !== undefined);
  const parcel = structuredClone(ready.parcel, { transfer: ready.transfer });
  assert.equal(bytes.byteLength, 10_000);
  new ErrandReader().read(parcel, (_, found) => {
    assert.ok(found.op === "run");
    assert.deepEqual(found.values, [new Uint8Array(10_000).fill(7)]);
  });
});
