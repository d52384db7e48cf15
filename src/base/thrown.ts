import { types } from "node:util";

/** Whether something is an error, also one of another realm, such as the one that Jest runs tests in. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/**
 * What was thrown that is no `Error`, for the middle of a sentence. Of an object it shows what libraries mean to be read (`message` and `code`)
 * and the names of its fields, never their contents, which may be somebody's data. Never throws.
 */
export function thrown(value: unknown): string {
  if (typeof value === "function") return value.name ? `the function ${value.name}` : "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const message = textOf(value, "message");
  if (message === undefined) return `${kindOf(value)} ${fieldsOf(value)}`;
  const code = textOf(value, "code");
  return `${kindOf(value)} that says "${message}"${code === undefined ? "" : ` [${code}]`}`;
}

/** How many fields are named; the rest is counted. */
const NAMED = 10;

function kindOf(value: object): string {
  if (Array.isArray(value)) return "an array";
  const made: unknown = read(Object.getPrototypeOf(value) ?? {}, "constructor");
  const name = typeof made === "function" && made !== Object ? made.name : "";
  return name === "" ? "an object" : `an object of the class ${name}`;
}

function fieldsOf(value: object): string {
  const names = Array.isArray(value) ? [] : Object.keys(value);
  if (names.length === 0) return Array.isArray(value) ? `of ${value.length}` : "without fields";
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `with the ${names.length === 1 ? "field" : "fields"} ${names.slice(0, NAMED).join(", ")}${more}`;
}

function textOf(value: object, name: string): string | undefined {
  const text = read(value, name);
  return (typeof text === "string" && text.trim() !== "") || typeof text === "number"
    ? String(text)
    : undefined;
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    // A getter may throw, and what it says is not what was thrown.
    return undefined;
  }
}
