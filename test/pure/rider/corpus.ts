import { readFileSync } from "node:fs";
import type { DialectName } from "../../../src/rider/model/dialect.ts";

/** One case of the corpus: a text in which `«…»` mark what must come out as a statement, or a text that must be refused. */
export interface Case {
  readonly name: string;
  readonly text: string;
  readonly statements: readonly { readonly text: string; readonly offset: number }[];
  /** What the refusal must say. */
  readonly refused: string | undefined;
}

/** Reads `corpus/<dialect>.sql`: cases begin with `==== name`, or `==== name !! what the refusal says`. */
export function corpus(dialect: DialectName): Case[] {
  const text = readFileSync(new URL(`corpus/${dialect}.sql`, import.meta.url), "utf8");
  return text
    .split(/^==== /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      const [name = "", refused] = part.slice(0, end).split(" !! ");
      return { name, refused, ...marked(part.slice(end + 1)) };
    });
}

function marked(body: string): Pick<Case, "text" | "statements"> {
  let text = "";
  const statements: { text: string; offset: number }[] = [];
  for (const [i, part] of body.split(/[«»]/).entries()) {
    if (i % 2 === 1) statements.push({ text: part, offset: text.length });
    text += part;
  }
  return { text, statements };
}
