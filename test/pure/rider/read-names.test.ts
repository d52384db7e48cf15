import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFileName, parseId } from "../../../src/rider/read/file-name.ts";
import { safeName } from "../../../src/rider/read/safe-name.ts";

test("a file name gives id, number, words and ending", () => {
  assert.deepEqual(parseFileName("1602721237-add-pg-extensions.ts"), {
    id: "1602721237-add-pg-extensions",
    number: 1602721237n,
    words: "add-pg-extensions",
    ending: "ts",
    rollback: false,
  });
  for (const ending of ["ts", "mts", "js", "mjs", "sql"]) {
    assert.equal(parseFileName(`2-x.${ending}`)?.ending, ending);
  }
});

test("an SQL migration's way back is told by its name", () => {
  assert.deepEqual(parseFileName("2-x.rollback.sql"), {
    id: "2-x",
    number: 2n,
    words: "x",
    ending: "sql",
    rollback: true,
  });
  assert.equal(parseFileName("2-x.rollback.ts"), null);
});

test("a file name may contain spaces, dots and letters of any script", () => {
  assert.equal(parseFileName("2-add contacts table.sql")?.id, "2-add contacts table");
  assert.equal(parseFileName("2-v1.2 größe 表.ts")?.words, "v1.2 größe 表");
});

test("a number longer than a float holds is kept whole", () => {
  assert.equal(parseFileName("20261122170300123456789-x.sql")?.number, 20261122170300123456789n);
});

for (const name of [
  "2-x.ts.bak",
  "2-x.d.ts",
  "2-x.d.mts",
  "2-x.test.ts",
  ".#2-x.ts",
  "#2-x.ts#",
  "2-x.ts~",
  ".2-x.ts.swp",
  "2-x.sql.orig",
  "2-x.bak.sql",
  "2-x.py",
  "2-x.cjs",
  "2-x.TS",
  "2-x",
  "2-.ts",
  "2- .ts",
  "-x.ts",
  "x-2.ts",
  "a2-x.ts",
  "2_x.ts",
  "2.x.ts",
  "a/2-x.ts",
  "2-a/x.ts",
  "2-a\\x.ts",
  "2-x\n.ts",
  "2-x.ts\n",
  "²-x.ts",
  "README.md",
  "",
]) {
  test(`${JSON.stringify(name)} is no migration`, () => {
    assert.equal(parseFileName(name), null);
  });
}

test("an id without a file still has its number", () => {
  assert.deepEqual(parseId("007-x"), { number: 7n, words: "x" });
  assert.deepEqual(parseId("x"), { number: -1n, words: "x" });
});

for (const [message, name] of [
  ["Add contacts table", "add-contacts-table"],
  ["../../etc/passwd", "etc-passwd"],
  ['say """hi"""', "say-hi"],
  ["it's John’s", "its-johns"],
  ["a/b\\c:d*e?f", "a-b-c-d-e-f"],
  ["", "migration"],
  ["  ...  ", "migration"],
  ["日本語 テーブル", "日本語-テーブル"],
  ["Größe ﬁx ＡＢ", "größe-fix-ab"],
  ["e\u0301te\u0301", "été"],
  ["100% & more; rm -rf /", "100-more-rm-rf"],
  ["x.d.ts", "x-d-ts"],
  ["con\u0000trol\u202Eabc", "con-trol-abc"],
  ["🙂", "migration"],
] as const) {
  test(`the message ${JSON.stringify(message)} makes the name ${name}`, () => {
    assert.equal(safeName(message), name);
  });
}

test("a very long message is cut at a letter, not inside of one", () => {
  assert.equal(safeName("a".repeat(5000)), "a".repeat(100));
  assert.equal(safeName("é".repeat(5000)), "é".repeat(50));
  assert.equal(safeName("日".repeat(5000)), "日".repeat(33));
});
