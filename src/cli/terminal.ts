import { styleText } from "node:util";
import type { RiderEvent } from "../rider/model/event.ts";
import { eventLine, progressLine } from "../rider/report/events.ts";
import type { Paint, Tone } from "../rider/report/style.ts";
import { plainTable, type Table } from "../rider/report/table.ts";
import { nowAt } from "./unfinished.ts";
import type { World } from "./world.ts";

const STYLE: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  good: "green",
  bad: "red",
  warn: "yellow",
  dim: "dim",
  strong: "bold",
};

/** Colours for a stream: only where it is a terminal that wants them (`NO_COLOR` and `FORCE_COLOR` are heeded). */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  // Whether a stream wants colours is found out anew with each call of `styleText`, so each tone is asked for once.
  const around = new Map<Tone, readonly string[]>();
  return (tone, text) => {
    let parts = around.get(tone);
    if (parts === undefined) {
      parts = styleText(STYLE[tone], "\0", { stream }).split("\0");
      around.set(tone, parts);
    }
    return `${parts[0]}${text}${parts[1]}`;
  };
}

/** A table: with lines on a terminal, plain columns elsewhere. */
export async function drawn(table: Table, { out }: World): Promise<string> {
  if (!out.isTTY) return plainTable(table);
  const { default: CliTable } = await import("cli-table3");
  const drawing = new CliTable({ head: [...table.columns], style: { head: [], border: [] } });
  drawing.push(...table.rows.map((row) => [...row]));
  return drawing.toString();
}

/** Asks a question at the terminal; anything but yes is no. */
export async function confirmed(question: string, world: World): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: world.in, output: world.err });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

/** How many lines on a terminal may stand for a run before one that is written over is kinder. */
const SILENT = /^(?:statement|begin)$/;

/**
 * Says what goes on: results on standard output, warnings on standard error. On a terminal one line shows the migration under way and is
 * written over; with `quiet` only standard error is used.
 */
export function narrator(world: World, quiet: boolean): (event: RiderEvent) => void {
  const { out, err } = world;
  const live = Boolean(out.isTTY) && !quiet;
  const say = gathered(out);
  const [paintOut, paintErr] = [paintFor(out), paintFor(err)];
  let progress = false;
  const clear = (): void => {
    if (progress) say("\r\u001B[2K");
    progress = false;
  };
  return (event) => {
    if (event.type === "begin" || event.type === "end") nowAt(event.type === "begin" ? event.id : undefined);
    if (live && event.type === "begin") {
      clear();
      say(progressLine(event, paintOut).slice(0, Math.max(20, (out.columns ?? 80) + 20)));
      progress = true;
    }
    if (SILENT.test(event.type) && !(event.type === "begin" && event.resumed)) return;
    clear();
    const aside = event.type === "warning" || event.type === "ignored" || event.type === "waiting";
    const line = eventLine(event, aside ? paintErr : paintOut);
    if (line === undefined || (quiet && !aside)) return;
    if (aside) err.write(`${line}\n`);
    else say(`${line}\n`);
  };
}

/** Writes to a stream what is said in one turn at once: a transaction that ends says a line for each of its migrations, and each write costs a system call. */
function gathered(stream: NodeJS.WritableStream): (text: string) => void {
  let waiting = "";
  const flush = (): void => {
    const text = waiting;
    waiting = "";
    stream.write(text);
  };
  return (text) => {
    if (waiting === "") queueMicrotask(flush);
    waiting += text;
  };
}
