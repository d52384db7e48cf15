import type { State, StatusRow } from "../plan/status.ts";
import { type Paint, plain, type Tone } from "./style.ts";

const MARK: Record<State, { sign: string; tone: Tone; colour: string }> = {
  applied: { sign: "●", tone: "good", colour: "#b7e1cd" },
  pending: { sign: "○", tone: "dim", colour: "#ffffff" },
  edited: { sign: "◐", tone: "warn", colour: "#ffe8b3" },
  missing: { sign: "✗", tone: "bad", colour: "#f4c7c3" },
  "half-applied": { sign: "◒", tone: "bad", colour: "#f4c7c3" },
  "half-undone": { sign: "◓", tone: "bad", colour: "#f4c7c3" },
};

const STATES = Object.keys(MARK) as State[];

/** The graph as text: one line a migration, in the order, with what it depends on; heads are marked. */
export function graphText(rows: readonly StatusRow[], paint: Paint = plain): string {
  if (rows.length === 0) return "There are no migrations.";
  const depended = new Set(rows.flatMap((row) => row.depends));
  const lines = rows.map((row) => {
    const { sign, tone } = MARK[row.state];
    const after = row.depends.length === 0 ? "" : paint("dim", ` ← ${row.depends.join(", ")}`);
    const head = depended.has(row.id) ? "" : paint("strong", " (head)");
    const state =
      row.state === "applied" || row.state === "pending" ? "" : ` ${paint(tone, `[${row.state}]`)}`;
    return `${paint(tone, sign)} ${row.id}${state}${head}${after}`;
  });
  return [...lines, "", paint("dim", legend(rows))].join("\n");
}

/** What the signs mean: the two that everybody meets, and of the others those that are there. */
function legend(rows: readonly StatusRow[]): string {
  const there = new Set<State>(["applied", "pending", ...rows.map((row) => row.state)]);
  const signs = STATES.filter((state) => there.has(state)).map((state) => `${MARK[state].sign} ${state}`);
  return [...signs, "← depends on"].join("  ");
}

/**
 * The graph for Mermaid.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function graphMermaid(rows: readonly StatusRow[]): string {
  const names = new Map(rows.map((row, i) => [row.id, `m${i}`]));
  const lines = ["flowchart TD"];
  for (const row of rows)
    lines.push(`  ${names.get(row.id)}["${mermaidText(row.id)}"]:::${className(row.state)}`);
  for (const row of rows) {
    for (const id of row.depends)
      if (names.has(id)) lines.push(`  ${names.get(id)} --> ${names.get(row.id)}`);
  }
  for (const state of new Set(rows.map((row) => row.state))) {
    lines.push(`  classDef ${className(state)} fill:${MARK[state].colour},stroke:#555,color:#000`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * The graph for Graphviz.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function graphDot(rows: readonly StatusRow[]): string {
  const known = new Set(rows.map((row) => row.id));
  const lines = ["digraph migrations {", "  node [shape=box, style=filled, fontname=sans];"];
  for (const row of rows) {
    const dashed = row.state === "applied" ? "" : ', style="filled,dashed"';
    lines.push(
      `  ${dotText(row.id)} [fillcolor="${MARK[row.state].colour}"${dashed}, tooltip=${dotText(row.state)}];`,
    );
  }
  for (const row of rows) {
    for (const id of row.depends) if (known.has(id)) lines.push(`  ${dotText(id)} -> ${dotText(row.id)};`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

/** A word that may be a class: `end` and others are Mermaid's own. */
function className(state: State): string {
  return `is${state.replaceAll("-", "")}`;
}

/** Mermaid reads HTML in labels; what has a meaning there is written as its number. */
function mermaidText(text: string): string {
  return text.replaceAll(/["<>&#\\`]|\p{Cc}/gu, (character) => `#${character.codePointAt(0)};`);
}

function dotText(text: string): string {
  return `"${text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll(/\p{Cc}/gu, " ")}"`;
}
