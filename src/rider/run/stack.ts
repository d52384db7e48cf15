import { pathToFileURL } from "node:url";
import { isError } from "../../base/thrown.ts";
import type { Place } from "../model/migration.ts";

/** Where the statements that failed were called. Their errors are made when the answer comes, and know nothing of that. */
const calls = new WeakMap<Error, Error>();

/** Waits for a statement of a function step, and notes where it was called in case that it fails. */
export async function noted<Value>(answer: Promise<Value>, call: Error): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (isError(error) && !calls.has(error)) calls.set(error, call);
    throw error;
  }
}

/** Where in a file an error came from, by the innermost line of its stack that names the file. Types are removed without moving anything. */
export function placeInStack(error: unknown, file: string): Place | undefined {
  if (!isError(error) || file === "") return undefined;
  const url = pathToFileURL(file).href;
  const { stack = "" } = calls.get(error) ?? error;
  // The error's own words may name the file too, in front of the stack.
  const frame = stack
    .split("\n")
    .find((each) => /^\s+at /.test(each) && (each.includes(url) || each.includes(file)));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? "") ?? [];
  return line === undefined ? undefined : { file, line: Number(line), column: Number(column) };
}
