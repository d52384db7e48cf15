import { inspect } from "node:util";

/**
 * Keeps a foreign error from printing what it holds. Client libraries put statements, values and servers' words into
 * their errors; such an error stays reachable for programs but shows only `label` in logs, `inspect` and JSON.
 */
export function unprintable<E>(error: E, label: string): E {
  if (typeof error !== "object" || error === null || !Object.isExtensible(error)) return error;
  for (const [key, value] of [
    [inspect.custom, () => `[${label}]`],
    ["toJSON", () => label],
  ] as const) {
    Object.defineProperty(error, key, { value, enumerable: false, configurable: true });
  }
  return error;
}

/** Of a client library's error, what never holds a value: codes, names of things, and where in whose source it was made. */
const PUBLIC = new Set(
  "name code errcode sqlState severity schema table column dataType constraint position internalPosition file line routine".split(
    " ",
  ),
);

/**
 * The same for an error about a statement, with `words` for its message. Not everything that logs an error asks it how it wants to be
 * shown: there are those that join the messages of all causes, or take every field that can be listed, or copy it to another thread. So
 * the message and the stack are masked in place, and fields that may hold a value can be read by name, but are not listed; so can the
 * message as it came, as `serverMessage`.
 */
export function concealed<E>(error: E, label: string, words: string): E {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return unprintable(error, label);
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  define(error, "serverMessage", error.message);
  define(error, "message", words);
  define(error, "stack", [`${error.name}: ${words}`, ...frames].join("\n"));
  for (const key of Object.keys(error)) {
    const value = (error as unknown as Record<string, unknown>)[key];
    const holds = value !== null && (typeof value === "string" || typeof value === "object");
    if (holds && !PUBLIC.has(key)) define(error, key, value);
  }
  return unprintable(error, label);
}

/** Sets a property that is not listed. */
function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, configurable: true, writable: true });
}

/** What stands for something that is not to be shown. */
export const MASK = "•••";

/**
 * A server's message with what may be a value masked: everything between quotes, unless it stands in the statement
 * (which is shown anyway) or is one of `names`; and every one of `values` wherever it stands.
 */
export function masked(
  message: string,
  known: { statement: string; names: readonly string[]; values: readonly unknown[] },
): string {
  const secrets = new Set(known.values.flatMap(spellings));
  const isName = (word: string): boolean =>
    known.names.includes(word) || word.split(".").some((part) => known.names.includes(part));
  const isPublic = (word: string): boolean =>
    isName(word) ||
    (!secrets.has(word) &&
      (known.statement.includes(word) || known.statement.includes(word.split(".").at(-1) ?? word)));
  // A quoted value may hold quotes itself, so a quote ends where no word goes on behind it.
  let text = message.replaceAll(
    /"([\s\S]*?)"(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])'([\s\S]*?)'(?![\p{L}\p{N}])/gu,
    (whole, a, b) => (isPublic(a ?? b) ? whole : whole[0] + MASK + whole[0]),
  );
  for (const secret of secrets) {
    if (secret.length > 2 && !known.names.includes(secret)) text = text.replaceAll(secret, MASK);
  }
  return text;
}

/** The ways a value may be spelled in a server's message. */
function spellings(value: unknown): string[] {
  if (value === null || value === undefined || typeof value === "boolean") return [];
  if (value instanceof Date) return [value.toISOString(), String(value)];
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value).toString("hex");
    return [hex, hex.toUpperCase(), Buffer.from(value).toString("utf8")];
  }
  if (typeof value !== "object") return [String(value)];
  try {
    return [JSON.stringify(value), ...Object.values(value).flatMap(spellings)];
  } catch {
    // What has no JSON (it may hold itself) was not sent either.
    return [];
  }
}
