/** A statement of a function step that is done: what it was, and what it gave. */
export interface Done {
  /** A hash of its text and values. */
  readonly hash: string;
  readonly gave: unknown;
}

/** What is written beside a line of the journal before its work begins. */
export interface Intent {
  /** The statement, so that its fingerprint can be taken again even when the file has changed. */
  readonly sql?: string | undefined;
  /** What the catalog said about everything it names. */
  readonly catalog?: string | undefined;
  /** For a function step: the statements it has finished, in the order in which it asked for them; `null` for one that was not. */
  readonly calls?: readonly (Done | null)[] | undefined;
  /** For a function step: the hash of the statement that is under way and can't be recorded together with its work. */
  readonly hash?: string | undefined;
}

export function writeIntent(intent: Intent): string {
  return JSON.stringify(intent, (_, value: unknown) =>
    typeof value === "bigint" ? { bigint: String(value) } : value,
  );
}

export function readIntent(detail: string | null): Intent {
  if (detail === null) return {};
  return JSON.parse(detail, (_, value: unknown) =>
    typeof value === "object" && value !== null && "bigint" in value && Object.keys(value).length === 1
      ? BigInt(String(value.bigint))
      : value,
  ) as Intent;
}
