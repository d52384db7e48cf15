import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines, type Due } from "../../../src/pool/deadlines.ts";
import { seededChance } from "./support.ts";

interface Item extends Due {
  readonly name: number;
}

test("the earliest is at hand, whichever come and go", () => {
  const chance = seededChance(7);
  const deadlines = new Deadlines<Item>();
  let there: Item[] = [];
  for (let name = 0; name < 20_000; name++) {
    if (there.length === 0 || (chance() < 0.55 && there.length < 60)) {
      const item = { name, deadline: Math.floor(chance() * 50), spot: -1 };
      deadlines.add(item);
      there.push(item);
    } else {
      const item = there[Math.floor(chance() * there.length)] as Item;
      deadlines.remove(item);
      there = there.filter((other) => other !== item);
    }
    const earliest = there.length === 0 ? undefined : Math.min(...there.map((item) => item.deadline));
    assert.equal(deadlines.first?.deadline, earliest);
  }
});

test("of those with one deadline the first to come stays in front, so that none has to move", () => {
  const deadlines = new Deadlines<Item>();
  const items = Array.from({ length: 7 }, (_, name) => ({ name, deadline: 100, spot: -1 }));
  for (const item of items) deadlines.add(item);
  assert.deepEqual(
    items.map((item) => item.spot),
    [0, 1, 2, 3, 4, 5, 6],
  );
  // The last one takes the place of the first, and stays there.
  deadlines.remove(items[0] as Item);
  assert.equal(deadlines.first, items[6]);
});
