import { readDescription } from "./description.ts";
import { readDirectives, writeId } from "./directives.ts";
import { safeName } from "./safe-name.ts";

/** A file to be written by `rider create`. */
export interface Scaffold {
  /** Without folder. */
  readonly name: string;
  readonly text: string;
}

/** What a new migration is to say. */
export interface ScaffoldOptions {
  readonly message: string;
  readonly depends: readonly string[];
  readonly id: string;
}

/** The id of a new migration: the time in whole Unix seconds, and the message's words. */
export function scaffoldId(message: string, seconds: number): string {
  return `${Math.floor(seconds)}-${safeName(message)}`;
}

/** A new migration's file. Whatever the message holds, the file can be read, and the message is its description. */
export function scaffold(form: "ts" | "sql", { message, depends, id }: ScaffoldOptions): Scaffold {
  const lines = message.split(/\r\n?|[\n\u2028\u2029]/).map((line) => clean(line).trim());
  const [ending, write, read] =
    form === "ts"
      ? (["ts", typescript, readDescription] as const)
      : (["sql", sql, (text: string) => readDirectives(text).description] as const);
  const text = write(lines, depends);
  // A message of signs that a comment swallows (`*`), or that speaks to a tool, would leave the migration without a description.
  return { name: `${id}.${ending}`, text: read(text) === "" ? write([id], depends) : text };
}

function typescript(message: readonly string[], depends: readonly string[]): string {
  const safe = message.map((line) => line.replaceAll("*/", "* /"));
  const comment =
    safe.length === 1
      ? `/** ${safe[0]} */`
      : `/**\n${safe.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */`;
  // Without its type, an empty list would be one of nothing to the compiler.
  const list =
    depends.length === 0 ? ": string[] = []" : ` = [${depends.map((id) => JSON.stringify(id)).join(", ")}]`;
  return `${comment}
import { step } from "apocryphan/rider";

export const depends${list};

export const steps = [step("")];
`;
}

function sql(message: readonly string[], depends: readonly string[]): string {
  // A message that reads like a directive must stay a message.
  const comment = message.map((line) => `-- ${line.replace(/^([A-Za-z_]+)\s*:/, "$1 -")}`.trimEnd());
  const order = depends.length === 0 ? [] : [`-- depends: ${depends.map(writeId).join(" ")}`];
  return `${[...comment, ...order].join("\n")}\n\n`;
}

/** Without what moves a terminal's cursor or hides text. */
function clean(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, " ");
}
