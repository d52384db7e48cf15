import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../../../src/base/chain.ts";
import { Place, type PlaceState } from "../../../src/pool/place.ts";
import { leastShared } from "../../../src/pool/share.ts";

/** The number of the one chosen, from 0; each place is what it shares, a small letter for one that is not fit. */
function chosen(idle: string, lent: string, state: PlaceState = "lent"): number {
  const waiting = new Chain<Place<string>>();
  const places = new Set<Place<string>>();
  for (const [names, its] of [
    [idle, "idle"],
    [lent, state],
  ] as const) {
    for (const name of names) {
      const place = new Place(name);
      place.state = its;
      places.add(place);
      if (its === "idle") waiting.push(place);
    }
  }
  const place = leastShared(waiting.first as Place<string>, {
    places,
    idle: waiting,
    fit: ({ own }) => own === own.toUpperCase(),
    shares: ({ own }) => own.toUpperCase(),
  });
  return [...waiting].indexOf(place);
}

test("the first is lent where nobody has anything of its share", () => {
  assert.equal(chosen("ABC", ""), 0);
  assert.equal(chosen("ABC", "BBC"), 0);
});

test("else the first whose share has the fewest lent ones", () => {
  assert.equal(chosen("AABB", "A"), 2);
  assert.equal(chosen("AABC", "AB"), 3);
  assert.equal(chosen("ABC", "AABCC"), 1);
  assert.equal(chosen("ABA", "AABBC"), 0);
});

test("one that is looked at for somebody counts like one that is lent, one that is being closed does not", () => {
  assert.equal(chosen("AB", "A", "checking"), 1);
  assert.equal(chosen("AB", "A", "closing"), 0);
});

test("and among those that can be lent as they are", () => {
  assert.equal(chosen("AbB", "A"), 2);
  assert.equal(chosen("Ab", "AA"), 0);
});
