/**
 * The project's pages and the examples in them.
 *
 * A fenced block's first word is its language; what follows says how it is tried:
 *
 * - `ts`: a program, run on SQLite with the page's setup before it. A comment `// prints X` at the end of a line is held
 *   against the lines the program prints.
 * - `ts on=postgresql,mysql`: run there instead. `ts alone`: without the setup.
 * - `ts node=24`: only from that Node.js on, since older ones can't parse it.
 * - `ts stop=SIGTERM`: it has to end well on that signal, which it gets as soon as it has printed something.
 * - `ts file=rider.ts` (any language): written to the page's folder; a program is not run by that.
 * - `console`: commands after `$ ` and what they print, run one after the other in the page's folder.
 *
 * The setup is TypeScript in an HTML comment that begins with `<!-- before each example`. A page with `<!-- on postgresql -->`
 * is tried there as a whole. Where there is a setup each program gets an empty database; else the page has one.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

export interface Block {
  readonly language: string;
  /** What stands behind the language, such as `alone` or `on=mysql`. */
  readonly marks: ReadonlyMap<string, string>;
  readonly text: string;
  /** Of the block's first line, from 1. */
  readonly line: number;
}

export interface Page {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
  /** TypeScript that stands before each of its programs. */
  readonly setup: string;
  readonly on: string;
  readonly blocks: readonly Block[];
}

/** Every page that people read. */
export const PAGES: readonly Page[] = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"], { cwd: ROOT })
  .sort()
  .map((path) => readPage(path, readFileSync(join(ROOT, path), "utf8")));

export function readPage(path: string, text: string): Page {
  return {
    path,
    text,
    setup: /<!-- before each example\n([\s\S]*?)-->/.exec(text)?.[1] ?? "",
    on: /<!-- on (\w+) -->/.exec(text)?.[1] ?? "sqlite",
    blocks: blocksOf(text),
  };
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w+)(.*)$/.exec(lines[i] ?? "");
    if (fence === null) continue;
    const end = lines.indexOf("```", i + 1);
    if (end < 0) throw new Error(`A block that begins in line ${i + 1} does not end.`);
    const marks = (fence[2] ?? "").trim().split(/\s+/).filter(Boolean);
    blocks.push({
      language: fence[1] ?? "",
      marks: new Map(marks.map((mark) => mark.split("=", 2) as [string, string])),
      text: `${lines.slice(i + 1, end).join("\n")}\n`,
      line: i + 2,
    });
    i = end;
  }
  return blocks;
}

/** A page without its code, where a bracket is no link. */
export function prose({ text }: Page): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** The names by which GitHub links to a page's headings; those that are called the same are numbered from the second one on. */
export function anchors(page: Page): Set<string> {
  const headings = page.text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} +(.+)$/gm);
  const all = new Set<string>();
  const seen = new Map<string, number>();
  for (const [, heading = ""] of headings) {
    const name = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    const earlier = seen.get(name) ?? 0;
    seen.set(name, earlier + 1);
    all.add(earlier === 0 ? name : `${name}-${earlier}`);
  }
  return all;
}

/** The path that a link on a page leads to, from the root of the project, and the heading there. */
export function target(page: Page, link: string): { path: string; anchor: string | undefined } {
  const [path = "", anchor] = link.split("#", 2);
  return {
    path: path === "" ? page.path : relative(ROOT, join(ROOT, dirname(page.path), path)),
    anchor,
  };
}
