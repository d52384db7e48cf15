#!/usr/bin/env node
// Nothing is imported before the version is known: an older Node.js would fail on that with a riddle, and `--version` is not to wait for it.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const { run } =
  major > 22 || (major === 22 && minor >= 18) ? await import("./start.ts") : await import("./too-old.ts");
await run(process.argv.slice(2));
