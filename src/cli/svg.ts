import dagre from "@dagrejs/dagre";
import type { State, StatusRow } from "../rider/plan/status.ts";
import { width } from "../rider/report/table.ts";

const COLOUR: Readonly<Record<State, string>> = {
  applied: "#b7e1cd",
  pending: "#ffffff",
  edited: "#ffe8b3",
  missing: "#f4c7c3",
  "half-applied": "#f4c7c3",
  "half-undone": "#f4c7c3",
};

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pixels for a letter, and around the text. */
const LETTER = 7.3;
const SIDE = 14;
const HEIGHT = 30;

/**
 * The graph as an SVG picture: what is applied is filled, what is pending has a dashed border. Where boxes and lines go is
 * https://github.com/dagrejs/dagre's decision.
 */
export function graphSvg(rows: readonly StatusRow[]): string {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "TB", marginx: 10, marginy: 10, nodesep: 24, ranksep: 36 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(rows.map((row) => row.id));
  const size = (id: string): { width: number; height: number } => ({
    width: width(id) * LETTER + 2 * SIDE,
    height: HEIGHT,
  });
  for (const { id } of rows) graph.setNode(id, size(id));
  const edges = rows.flatMap(({ id, depends }) =>
    depends.filter((one) => ids.has(one)).map((one) => [one, id] as const),
  );
  for (const [from, to] of edges) graph.setEdge(from, to);
  dagre.layout(graph);
  const round = (value: number): string => String(Math.round(value * 10) / 10);
  const lines = edges.map(([from, to]) => {
    const { points: corners } = graph.edge(from, to) as { readonly points: readonly Point[] };
    const points = corners.map(({ x, y }) => `${round(x)},${round(y)}`);
    return `<polyline points="${points.join(" ")}" fill="none" stroke="#555" marker-end="url(#arrow)"/>`;
  });
  const boxes = rows.map(({ id, state, description }) => {
    const { x, y } = graph.node(id) as Point;
    const box = size(id);
    const dash = state === "pending" ? ' stroke-dasharray="4 3"' : "";
    return [
      `<g><title>${escaped(`${state}${description === "" ? "" : `: ${description}`}`)}</title>`,
      `<rect x="${round(x - box.width / 2)}" y="${round(y - HEIGHT / 2)}" width="${round(box.width)}" height="${HEIGHT}" rx="4" fill="${COLOUR[state]}" stroke="#555"${dash}/>`,
      `<text x="${round(x)}" y="${round(y + 4)}" text-anchor="middle">${escaped(id)}</text></g>`,
    ].join("");
  });
  const whole = rows.length === 0 ? { width: 20, height: 20 } : graph.graph();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(whole.width)}" height="${round(whole.height)}" font-family="ui-monospace, monospace" font-size="12">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>',
    ...lines,
    ...boxes,
    "</svg>\n",
  ].join("\n");
}

/** Text for XML, in which most control characters can't stand in any form: https://www.w3.org/TR/xml/#charsets */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"]|[\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll(/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, "\uFFFD");
}
