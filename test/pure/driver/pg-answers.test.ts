import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import fc from "fast-check";
import pg from "pg";
import type { Result } from "../../../src/driver/driver.ts";
import { type AloneHost, PgAlone } from "../../../src/driver/pg-alone.ts";
import { PgAnswers } from "../../../src/driver/pg-answers.ts";
import type { PgClient, PgModule } from "../../../src/driver/pg-client.ts";
import { MessageWriter } from "../../../src/driver/pg-message.ts";
import { typeParsers } from "../../../src/driver/pg-types.ts";
import { int16, int32, message } from "./protocol.ts";

const INT4 = 23;
const INT8 = 20;
const TEXT = 25;

function row(values: readonly (string | null)[]): Buffer {
  const each = values.flatMap((value) => {
    if (value === null) return [int32(-1)];
    const bytes = Buffer.from(value);
    return [int32(bytes.length), bytes];
  });
  return message("D", int16(values.length), ...each);
}

const tag = (text: string): Buffer => message("C", Buffer.from(`${text}\0`));
const ready = (status = "I"): Buffer => message("Z", Buffer.from(status));
/** Only its code counts here: it stands for what the client's own reader makes of it. */
const description = message("T", Buffer.from("described"));
const notice = message("N", Buffer.from("a notice"));

/** A client of which only the reading is there. Its own reader is given whole messages, and notes their codes. */
class Reading {
  readonly stream = new EventEmitter();
  readonly #wire = Object.assign(new EventEmitter(), { stream: this.stream });
  readonly #client = { connection: this.#wire, _activeQuery: undefined as unknown };
  readonly #line: PgAlone[] = [];
  /** Codes of the messages that were left to the client. */
  left = "";
  readonly results: Result[] = [];
  readonly statuses: string[] = [];

  constructor(types: PgModule["types"] = typeParsers(pg as unknown as PgModule)) {
    this.stream.on("data", (bytes: Buffer) => this.#theirs(bytes));
    this.#wire.on("readyForQuery", ({ status }: { status: string }) => {
      this.statuses.push(status);
      const active = this.#client._activeQuery;
      this.#client._activeQuery = this.#line.shift();
      if (active instanceof PgAlone) active.handleReadyForQuery();
    });
    PgAnswers.takeOver(this.#client as unknown as PgClient);
    const host: AloneHost = {
      writer: new MessageWriter(),
      wrote: () => {},
      typesFor: () => types,
      answered: (alone, result) => alone.asker.answered(result),
      failed: (alone, error) => alone.asker.failed(error),
    };
    const how = { simple: false, again: false, prepared: undefined, prepares: false };
    this.expect = () => {
      const done = (result: unknown): void => void this.results.push(result as Result);
      const alone = new PgAlone({ text: "", values: [] }, [], how, { leads: [], forget: [] }, host, {
        answered: done,
        failed: done,
      });
      if (this.#client._activeQuery === undefined) this.#client._activeQuery = alone;
      else this.#line.push(alone);
    };
  }

  /** One more statement was sent. */
  readonly expect: () => void;

  #theirs(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      assert.ok(end <= bytes.length, "the client was given a part of a message");
      const code = String.fromCharCode(bytes[at] as number);
      this.left += code;
      if (code === "T") {
        const fields = [INT4, TEXT, INT8].map((dataTypeID, i) => ({ name: "abc"[i] as string, dataTypeID }));
        (this.#client._activeQuery as PgAlone).handleRowDescription({ fields });
      }
      at = end;
    }
  }
}

const value = fc.oneof(fc.constant(null), fc.string({ unit: "grapheme", maxLength: 40 }));
const rows = fc.array(
  fc.tuple(
    fc.oneof(fc.constant(null), fc.integer()),
    value,
    fc.oneof(fc.constant(null), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  ),
  { maxLength: 6 },
);

test("answers are read the same, wherever the network cuts them", () => {
  fc.assert(
    fc.property(
      fc.array(rows, { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.nat({ max: 30 })),
      (answers, cuts) => {
        const reading = new Reading();
        const pieces: Buffer[] = [];
        for (const answer of answers) {
          reading.expect();
          pieces.push(message("1"), message("2"), description);
          for (const [a, b, c] of answer)
            pieces.push(row([a === null ? null : String(a), b, c === null ? null : String(c)]));
          pieces.push(notice, tag(`SELECT ${answer.length}`), ready());
        }
        const bytes = Buffer.concat(pieces);
        for (let at = 0; at < bytes.length; ) {
          const end = at + 1 + (cuts.next().value as number);
          reading.stream.emit("data", bytes.subarray(at, end));
          at = end;
        }
        assert.equal(reading.left, "TN".repeat(answers.length));
        assert.deepEqual(
          reading.results.map(({ rows }) => rows),
          answers.map((answer) =>
            answer.map(([a, b, c]) => ({
              a,
              b,
              c: c === null || !Number.isSafeInteger(Number(c)) ? c : Number(c),
            })),
          ),
        );
        assert.deepEqual(
          reading.results.map(({ rowCount }) => rowCount),
          answers.map((answer) => answer.length),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("a tag tells how many rows there were, where it holds a number", () => {
  const reading = new Reading();
  for (const text of ["INSERT 0 12", "UPDATE 3456789", "CREATE TABLE", "SELECT 0"]) {
    reading.expect();
    reading.stream.emit("data", Buffer.concat([message("2"), message("n"), tag(text), ready("T")]));
  }
  assert.deepEqual(
    reading.results.map(({ rowCount }) => rowCount),
    [12, 3456789, 0, 0],
  );
  assert.deepEqual(reading.statuses, ["T", "T", "T", "T"]);
  assert.equal(reading.left, "");
});

test("a parser that a program has set is asked", () => {
  const types = typeParsers(pg as unknown as PgModule);
  const reading = new Reading({
    getTypeParser: (oid, format) =>
      oid === INT4 ? (text: string) => `${text}!` : types.getTypeParser(oid, format),
  });
  reading.expect();
  reading.stream.emit("data", Buffer.concat([description, row(["-7", "x", null]), tag("SELECT 1"), ready()]));
  assert.deepEqual(reading.results[0]?.rows, [{ a: "-7!", b: "x", c: null }]);
});

test("an error is left to the client, and what belongs to nobody here", () => {
  const reading = new Reading();
  reading.stream.emit("data", Buffer.concat([message("S", Buffer.from("a\0b\0")), ready()]));
  reading.expect();
  reading.stream.emit("data", Buffer.concat([message("2"), message("E", Buffer.from("\0"))]));
  assert.equal(reading.left, "SZE");
});
