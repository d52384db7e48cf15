/** Comments that speak to a tool, not to a reader. */
const PRAGMA =
  /^(?:@(?:ts-|jsx|flow|format|prettier|generated|license)|#\s?(?:region|endregion|source)|eslint|biome-ignore|prettier-ignore|deno-|tslint:|jshint|istanbul|c8 |v8 |vim:|-\*-|<reference|<amd|SPDX-License-Identifier)/;

/**
 * The description of a TypeScript or JavaScript migration: its leading comment, of any of the three forms. It may stand after
 * a `#!` line and `"use strict"`. Comments that speak to a tool (`// @ts-check`) are passed over. Empty where code comes first.
 */
export function readDescription(text: string): string {
  return leadingComments(text).find((comment) => comment !== "" && !PRAGMA.test(comment)) ?? "";
}

/** The comments before the first code, each as its bare text; `//` lines without a gap between them are one. */
function leadingComments(text: string): string[] {
  const comments: string[] = [];
  let rest = text.replace(/^\uFEFF/, "").replace(/^#!.*/, "");
  for (;;) {
    rest = rest.replace(/^[\s\uFEFF]+/, "").replace(/^(["'])use strict\1[ \t]*;?/, "");
    const space = /^[\s\uFEFF]*/.exec(rest)?.[0] ?? "";
    rest = rest.slice(space.length);
    const block = /^\/\*([\s\S]*?)\*\//.exec(rest);
    // A line that speaks to a tool is a comment by itself, so that it can be passed over.
    const pragma = /^\/\/\/?[ \t]*(.*)/.exec(rest);
    const lines = /^(?:\/\/.*(?:\r\n?|\n|$)[ \t]*)+/.exec(rest);
    if (block) {
      comments.push(bareBlock(block[1] ?? ""));
      rest = rest.slice(block[0].length);
    } else if (pragma && PRAGMA.test(pragma[1] ?? "")) {
      comments.push(pragma[1] ?? "");
      rest = rest.slice(pragma[0].length);
    } else if (lines) {
      comments.push(bareLines(lines[0], /^[ \t]*\/\/+[ \t]?/));
      rest = rest.slice(lines[0].length);
    } else return comments;
  }
}

/** The text of a block comment without its stars. */
export function bareBlock(inside: string): string {
  return bareLines(inside.replace(/^\*/, ""), /^[ \t]*\*?[ \t]?/);
}

/** Lines without what marks them as a comment, and without empty ones at the beginning and end. */
export function bareLines(text: string, mark: RegExp): string {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.replace(mark, "").trimEnd())
    .join("\n")
    .trim();
}
