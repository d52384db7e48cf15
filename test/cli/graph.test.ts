import assert from "node:assert/strict";
import { test } from "node:test";
import { graphSvg } from "../../src/cli/svg.ts";
import type { StatusRow } from "../../src/rider/plan/status.ts";
import { project } from "../database/rider/project.ts";

/** The elements of an XML document, in the order in which they begin. */
interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

const TAG = /<(\/?)([a-zA-Z]+)((?: [a-zA-Z-]+="[^"<]*")*)(\/?)>/y;
const TEXT = /(?:[^<>&]|&(?:amp|lt|gt|quot|apos|#\d+);)+/y;

/** Reads a document as strictly as XML asks for: every element is ended, in order, and nothing stands bare that has a meaning. */
function elements(xml: string): Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  const unescaped = (text: string): string =>
    text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  for (let at = 0; at < xml.trimEnd().length; ) {
    TAG.lastIndex = TEXT.lastIndex = at;
    const tag = TAG.exec(xml);
    const text = tag ? null : TEXT.exec(xml);
    assert.ok(tag ?? text, `no XML from here on: ${xml.slice(at, at + 60)}`);
    at += (tag ?? text)?.[0].length ?? 0;
    if (text) {
      const holder = open.at(-1);
      if (holder) holder.text += unescaped(text[0]);
    }
    if (!tag) continue;
    const [, end, name = "", given = "", single] = tag;
    if (end) {
      assert.equal(open.pop()?.name, name);
      continue;
    }
    const attributes = Object.fromEntries(
      Array.from(given.matchAll(/ ([a-zA-Z-]+)="([^"]*)"/g), ([, key = "", value = ""]) => [
        key,
        unescaped(value),
      ]),
    );
    const element = { name, attributes, text: "" };
    all.push(element);
    if (!single) open.push(element);
  }
  assert.deepEqual(open, []);
  assert.equal(all.filter(({ name }) => name === "svg").length, 1);
  return all;
}

const of = (all: readonly Element[], name: string): Element[] => all.filter((one) => one.name === name);

test("rider graph --svg draws what is applied and what is pending, and a line for each dependency", async () => {
  const here = project({
    "1-a.sql": "-- the first\ncreate table a (id int);",
    "2-b.sql": "-- depends: 1-a\ncreate table b (id int);",
    "3-c.sql": "-- <tables> & more\n-- depends: 1-a\ncreate table c (id int);",
    "4-d.sql": "-- depends: 2-b 3-c\ncreate table d (id int);",
  });
  const url = ["--url", "sqlite:app.db"];
  await here.rider("migrate", "--to", "2-b", ...url);
  const { code, stdout, stderr } = await here.rider("graph", "--svg", ...url);
  assert.deepEqual([code, stderr], [0, ""]);
  const all = elements(stdout);
  assert.deepEqual(
    of(all, "text").map(({ text }) => text),
    ["1-a", "2-b", "3-c", "4-d"],
  );
  assert.deepEqual(
    of(all, "title").map(({ text }) => text),
    ["applied: the first", "applied", "pending: <tables> & more", "pending"],
  );
  const boxes = of(all, "rect").map(({ attributes }) => attributes);
  assert.deepEqual(
    boxes.map((box) => [box.fill, box["stroke-dasharray"]]),
    [
      ["#b7e1cd", undefined],
      ["#b7e1cd", undefined],
      ["#ffffff", "4 3"],
      ["#ffffff", "4 3"],
    ],
  );
  assert.equal(of(all, "polyline").length, 4);
  // What depends stands below what it depends on, the two beside each other do not touch, and all is inside the picture.
  const [a, b, c, d] = boxes.map((box) => ({ x: Number(box.x), y: Number(box.y), w: Number(box.width) }));
  assert.ok(a && b && c && d);
  assert.ok(a.y < b.y && b.y === c.y && c.y < d.y);
  assert.ok(Math.abs(b.x - c.x) >= Math.min(b.w, c.w));
  const [picture] = of(all, "svg");
  for (const box of [a, b, c, d]) assert.ok(box.x >= 0 && box.x + box.w <= Number(picture?.attributes.width));
});

test("the picture is XML whatever ids and descriptions hold, and of any size", () => {
  const row = (id: string, description: string, depends: string[] = []): StatusRow => ({
    index: 0,
    id,
    description,
    appliedAt: null,
    state: "pending",
    depends,
    file: null,
  });
  const strange = `1-"quoted" & <b> ' \u0007 \ud800 ü 表`;
  const all = elements(graphSvg([row(strange, "two\nlines\u0000", ["0-gone"]), row("2-b", "", [strange])]));
  assert.deepEqual(
    of(all, "text").map(({ text }) => text),
    [`1-"quoted" & <b> ' \ufffd \ufffd ü 表`, "2-b"],
  );
  assert.equal(of(all, "title")[0]?.text, "pending: two\nlines\ufffd");
  assert.equal(of(all, "polyline").length, 1);
  assert.equal(of(elements(graphSvg([])), "rect").length, 0);
});

test("the text of rider graph says what its signs mean", async () => {
  const here = project({ "1-a.sql": "create table a (id int);", "2-b.sql": "-- depends: 1-a\nselect 1;" });
  const url = ["--url", "sqlite:app.db"];
  const fresh = await here.rider("graph", ...url);
  assert.match(fresh.stdout, /^● applied {2}○ pending {2}← depends on$/m);
  await here.rider("migrate", ...url);
  here.write({ "1-a.sql": "create table a (id int, more int);" });
  const edited = await here.rider("graph", ...url);
  assert.match(edited.stdout, /^◐ 1-a \[edited\]$/m);
  assert.match(edited.stdout, /^● applied {2}○ pending {2}◐ edited {2}← depends on$/m);
});
