import type { Findings, StatusRow } from "../plan/status.ts";

/** `rider migrations --json`: times in ISO 8601, UTC. */
export function statusData(rows: readonly StatusRow[]): object {
  return {
    migrations: rows.map(({ index, id, description, appliedAt, state, depends, file }) => ({
      index,
      id,
      description,
      appliedAt: appliedAt?.toISOString() ?? null,
      state,
      depends,
      file,
    })),
  };
}

/** What `rider check` found, in words: one line a kind; or that nothing is amiss. */
export function findingsText(found: Findings): string {
  if (found.ok) return "Nothing is pending, edited or missing.";
  const line = (ids: readonly string[], what: string): string[] =>
    ids.length === 0
      ? []
      : [`${ids.length} ${ids.length === 1 ? "migration is" : "migrations are"} ${what}: ${ids.join(", ")}.`];
  return [
    ...line(found.pending, "pending"),
    ...line(found.edited, "edited since applied"),
    ...line(found.missing, "applied without a file"),
    ...line(found.half, "begun and not finished"),
  ].join("\n");
}

/** JSON of anything that a database may give: whole numbers beyond 2⁵³ and bytes become strings, as they have no form of their own. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    function (this: unknown, key: string, inner: unknown) {
      if (typeof inner === "bigint") return String(inner);
      // A Buffer has turned itself into something else before it comes here; what holds it still has it.
      const raw = typeof this === "object" && this !== null ? Reflect.get(this, key) : inner;
      return raw instanceof Uint8Array ? Buffer.from(raw).toString("base64") : inner;
    },
    2,
  );
}
