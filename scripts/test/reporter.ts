import type { TestEvent } from "node:test/reporters";

/** A reporter of `node --test` that writes what `counts.ts` reads: one JSON object a line. */
export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type === "test:pass" || event.type === "test:fail") {
      const { name, file, skip, todo, details } = event.data;
      const left =
        skip !== undefined && skip !== false ? "skip" : todo !== undefined && todo !== false ? "todo" : "";
      if (left && details.type !== "suite")
        yield `${JSON.stringify({ skipped: `${name} (${file ?? ""})` })}\n`;
    } else if (event.type === "test:summary" && event.data.file === undefined) {
      yield `${JSON.stringify({ counts: event.data.counts })}\n`;
    }
  }
}
