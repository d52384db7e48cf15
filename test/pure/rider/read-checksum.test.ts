import assert from "node:assert/strict";
import { test } from "node:test";
import { checksum, fingerprint } from "../../../src/rider/read/checksum.ts";

test("what editors and git change by themselves makes no difference", () => {
  const plain = checksum("select 1;\nselect 2;\n");
  for (const same of [
    "select 1;\r\nselect 2;\r\n",
    "select 1;\rselect 2;",
    "\uFEFFselect 1;\nselect 2;",
    "select 1;  \t\nselect 2;\n\n\n",
  ]) {
    assert.equal(checksum(same), plain, JSON.stringify(same));
  }
});

test("anything else does", () => {
  const plain = checksum("select 1;\nselect 2;\n");
  for (const other of [
    "select 1; select 2;",
    "select  1;\nselect 2;",
    "select 1;\n\nselect 2;",
    " select 1;\nselect 2;",
  ]) {
    assert.notEqual(checksum(other), plain, JSON.stringify(other));
  }
});

test("it is SHA-256, so that others can reckon it", () => {
  assert.equal(checksum("abc\n"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(fingerprint("abc"), checksum("abc"));
});

test("a rollback file counts, and the border between the two as well", () => {
  assert.notEqual(checksum("a", "b"), checksum("a"));
  assert.notEqual(checksum("a", ""), checksum("a"));
  assert.notEqual(checksum("ab", "c"), checksum("a", "bc"));
});
