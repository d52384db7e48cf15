import { OptionError } from "./error.ts";

/** The error for a value that can't be turned into what is sent. What its own code, or a client library, threw is the cause. */
export function unwritable(cause: unknown): Error {
  if (cause instanceof OptionError) return cause;
  return new OptionError(
    "params",
    "A parameter can't be written as JSON: it holds itself, a bigint, or a toJSON() that throws; nothing was sent. Give it as text, or without what JSON has no form for.",
    { cause },
  );
}

/** An object as JSON. @throws OptionError where it has none, before anything is sent */
export function asJson(value: object): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (error) {
    throw unwritable(error);
  }
  throw unwritable(undefined);
}
