import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isError, thrown } from "../../base/thrown.ts";
import { UnreadableError } from "../model/errors.ts";
import { enter } from "./hooks.ts";
import { importAnywhere } from "./outside.ts";
import { placeInStack } from "./stack.ts";

/**
 * Loads a TypeScript or JavaScript file as an ES module, without a build step, whatever the nearest `package.json` says.
 *
 * @param version makes a file that was edited since another one for the loader; without it, a file that the program has
 *   already imported is not run a second time
 * @throws UnreadableError naming the line, where it can be known
 */
export async function loadModule(file: string, version?: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(file).href + (version === undefined ? "" : `?v=${version}`);
  await enter(url);
  try {
    return (await importAnywhere(url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    // What step() itself refuses says already what it is.
    if (isUnreadable(error)) throw new UnreadableError(error.reason, { cause: error });
    // Only migrations have versions, and only they have steps to move such code into.
    throw new UnreadableError(reasonOf(error, file, version === undefined ? "" : ` ${INTO_A_STEP}`), {
      cause: error,
    });
  }
}

const INTO_A_STEP =
  "Top-level code of a migration runs when the file is loaded; work on the database belongs into a step.";

/** By its name: the `step` of a migration may come from another copy of this library. */
function isUnreadable(error: unknown): error is UnreadableError {
  return error instanceof Error && error.name === "UnreadableError" && "reason" in error;
}

function reasonOf(error: unknown, file: string, advice: string): string {
  if (!isError(error)) return `Running it threw ${thrown(error)}, which is not an Error.`;
  const code = codeOf(error);
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return unsupported(error, file);
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return `${firstLine(error.message)}. Install that package, or correct the path in the import.`;
  }
  if (error.name === "SyntaxError") return badSyntax(error, file);
  const place = placeInStack(error, file);
  const line = place === undefined ? "" : ` in line ${place.line}`;
  return `Running it threw ${error.name}${line}: ${sentence(error.message)}${advice}`;
}

/** What to write instead, by the words in Node's message: https://nodejs.org/api/typescript.html#typescript-features */
const WAYS_OUT: readonly (readonly [RegExp, string])[] = [
  [/enum/i, 'Write the enum as `const Name = { A: "a", B: "b" } as const`'],
  [/parameter propert/i, "Declare the field in the class and assign it in the constructor"],
  [/namespace|module/i, "Write the namespace as a plain object, or as a file that is imported"],
  [/import.*=|export.*=/i, "Write `import … from` and `export`"],
];

function unsupported(error: Error, file: string): string {
  const way = WAYS_OUT.find(([words]) => words.test(error.message))?.[1] ?? "Write it in plain JavaScript";
  return (
    `${placeOf(error, file)}${firstLine(error.message)}: Node.js runs TypeScript by removing the types, and this needs code in their place. ` +
    `${way}, or compile the file and keep the JavaScript in its stead.`
  );
}

function badSyntax(error: Error, file: string): string {
  if (placed(error)) return `${placeOf(error, file)}${sentence(firstLine(error.message))}`;
  // For JavaScript the engine tells the line only to a terminal. The parser for TypeScript reads JavaScript too, and tells.
  const source = textOf(file);
  const found = parse(source);
  if (found) return `${placeOf(found, file)}${sentence(firstLine(found.message))}`;
  const decorated = source.split(/\r?\n/).findIndex((line) => /(?:^|[{;])\s*@[A-Za-z_$]/.test(line));
  if (decorated >= 0 && /unexpected token/i.test(error.message)) {
    return `Line ${decorated + 1}: Node.js does not know decorators. Call the decorating function by hand, or compile the file and keep the JavaScript in its stead.`;
  }
  return sentence(firstLine(error.message));
}

/** The first line of a syntax error's stack is `FILE:LINE`, followed by the line itself. */
function placed(error: Error): { file: string; line: number } | undefined {
  const match = /^(?:file:\/\/)?(.*?)(?:\?v=\w+)?:(\d+)\r?\n/.exec(error.stack ?? "");
  return match ? { file: match[1] ?? "", line: Number(match[2]) } : undefined;
}

function placeOf(error: Error, file: string): string {
  const place = placed(error);
  if (!place) return "";
  const other = place.file !== "" && decodeURI(place.file) !== file && place.file !== file;
  return other
    ? `In ${decodeURI(place.file)}, which it imports, line ${place.line}: `
    : `Line ${place.line}: `;
}

function parse(source: string): Error | undefined {
  const { emitWarning } = process;
  // The function is called experimental, which is nothing to the author of a migration with a comma missing.
  process.emitWarning = () => undefined;
  try {
    process.getBuiltinModule("node:module").stripTypeScriptTypes(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || codeOf(error) !== "ERR_INVALID_TYPESCRIPT_SYNTAX") return undefined;
    // There is no file in this stack, only the number.
    error.stack = `${/^[^\n]*?:\d+\r?\n/.test(error.stack ?? "") ? "" : ":1\n"}${error.stack}`;
    return error;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.trim() ?? "";
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
