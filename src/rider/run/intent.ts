/** What is written beside a line of the journal before its work begins. */
export interface Intent {
  /** The statement, so that its fingerprint can be taken again even when the file has changed. */
  readonly sql?: string | undefined;
  /** What the catalog said about everything it names. */
  readonly catalog?: string | undefined;
  /** In a function step: the hash of the statement that is under way and can't be recorded together with its work. */
  readonly hash?: string | undefined;
  /** Beside a finished statement on MySQL: what later ones ask of the session, which ends with a run that is killed. */
  readonly session?: SessionValues | undefined;
}

/** What a new session is given back. */
export interface SessionValues {
  /** User variables, by their names without the sign. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What `last_insert_id()` gives. */
  readonly key?: unknown;
}

/** A statement of a function step that is done: what it was, and what it gave. */
export interface Done {
  /** A hash of its text and values. */
  readonly hash: string;
  readonly gave: unknown;
}

/** JSON that keeps what rows may hold: whole numbers beyond 2⁵³, dates and bytes. */
export function pack(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, inner: unknown) {
    // Dates and buffers have turned themselves into something else before they get here.
    const own = this[key];
    if (typeof own === "bigint") return { $bigint: String(own) };
    if (own instanceof Date) return { $date: own.getTime() };
    if (own instanceof Uint8Array) return { $bytes: Buffer.from(own).toString("base64") };
    return inner;
  });
}

/** What `pack` has packed. */
export function unpack<Value>(text: string): Value {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return value;
    if ("$bigint" in value) return BigInt(String(value.$bigint));
    if ("$date" in value) return new Date(Number(value.$date));
    if ("$bytes" in value) return Buffer.from(String(value.$bytes), "base64");
    return value;
  }) as Value;
}

export function readIntent(detail: string | null): Intent {
  return detail === null ? {} : unpack<Intent>(detail);
}
