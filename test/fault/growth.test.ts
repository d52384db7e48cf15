import assert from "node:assert/strict";
import { test } from "node:test";
import { grow, PASSING } from "./growth/growth.ts";
import { SERVERS } from "./support.ts";

const COUNT = 20_000;

for (const kind of SERVERS) {
  test(`${kind}: ${COUNT} acquisitions leave nothing behind; npm run soak -- memory makes a million`, async (t) => {
    const { before, after, acquired } = await grow(kind, COUNT, (line) => t.diagnostic(line));
    assert.ok(acquired >= COUNT);
    // Compiled code and statistics go on growing for a while; something kept of each would be 2 MB and more.
    assert.ok(after.bytes - before.bytes < 1_000_000, `${after.bytes - before.bytes} bytes more`);
    assert.ok(after.handles <= before.handles + PASSING, `${before.handles} handles, then ${after.handles}`);
    assert.ok(
      after.descriptors <= before.descriptors + PASSING,
      `${before.descriptors} files, then ${after.descriptors}`,
    );
  });
}
