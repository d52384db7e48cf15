/**
 * Changes the pool's deciding files mechanically, one spot at a time, and runs their tests: which changes go unnoticed?
 *
 *     node scripts/mutate.ts [part of a file name] [every nth, as 3, or 3+1 from the second on]
 *
 * Prints each survivor, and ends with 1 where fewer than 95 % are caught. Takes some ten minutes on two idle cores.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { Copy } from "../test/property/pool/copy.ts";

const FILES = ["machine", "queue", "chain", "deadlines", "ramp", "outage"].map(
  (name) => `src/pool/${name}.ts`,
);
const HISTORIES = ["test/property/pool/trial.ts", "1500"];
const EXAMPLES = [
  "burst",
  "chain",
  "deadlines",
  "outage",
  "renewal",
  "checks",
  "timeout",
  "acquire",
  "drain",
  "close",
  "fail-fast",
  "faults",
  "holders",
  "ramp",
  "supply",
  "decisions",
];

/** Changes that no caller could tell from the original, each with the reason. They are not tried, and not counted. */
const EQUIVALENT: readonly { readonly line: string; readonly what: string; readonly why: string }[] = [
  {
    line: "if (at < this.maintenanceAt) this.maintenanceAt = at;",
    what: "< → <=",
    why: "writes the same number again",
  },
  {
    line: "if (this.idle.size === 0 && this.total >= this.limits.maxConnections) return;",
    what: "left out",
    why: "a shortcut: what follows finds nothing to lend and no room to connect",
  },
  {
    line: "if (this.idle.size === 0 && this.total >= this.limits.maxConnections) return;",
    what: ">= → >",
    why: "the same shortcut, never taken",
  },
  {
    line: "if (this.queue.impatient === 0) return;",
    what: "left out",
    why: "a shortcut: the loop passes over all who wait for the server",
  },
  {
    line: "const child = b !== undefined && b.deadline < a.deadline ? b : a;",
    what: "< → <=",
    why: "of two with one deadline either may be nearer to the front",
  },
];

interface Tally {
  tried: number;
  caught: number;
  equivalent: number;
}

interface Change {
  readonly line: number;
  readonly what: string;
  readonly text: string;
}

/** What a spot may be changed into. Only code that decides: comments, imports, types and words are left alone. */
const SWAPS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/ < /g, [" <= ", " >= "]],
  [/ <= /g, [" < ", " > "]],
  [/ > /g, [" >= ", " <= "]],
  [/ >= /g, [" > ", " < "]],
  [/ === /g, [" !== "]],
  [/ !== /g, [" === "]],
  [/ && /g, [" || "]],
  [/ \|\| /g, [" && "]],
  [/ \+ /g, [" - "]],
  [/ - /g, [" + "]],
  [/ \* /g, [" + "]],
  [/\+\+/g, ["--"]],
  [/--/g, ["++"]],
  [/\bMath\.min\b/g, ["Math.max"]],
  [/\bMath\.max\b/g, ["Math.min"]],
  [/\btrue\b/g, ["false"]],
  [/\bfalse\b/g, ["true"]],
  [/\b1\b/g, ["2"]],
  [/\b0\b/g, ["1"]],
];

function changes(source: string): Change[] {
  const lines = source.split("\n");
  const list: Change[] = [];
  const put = (line: number, what: string, replacement: string): void => {
    const text = lines.with(line, replacement).join("\n");
    list.push({ line: line + 1, what, text });
  };
  lines.forEach((line, number) => {
    const code = line.trim();
    if (
      /^(\/\/|\*|\/\*|import|export|private readonly|readonly)/.test(code) ||
      /^(private )?\w+(: [^=]+)? = /.test(code)
    )
      return;
    const end = line.indexOf(" //") === -1 ? line.length : line.indexOf(" //");
    for (const [spot, others] of SWAPS) {
      for (const hit of line.slice(0, end).matchAll(spot)) {
        for (const other of others) {
          const at = hit.index;
          put(
            number,
            `${hit[0].trim()} → ${other.trim()}`,
            line.slice(0, at) + other + line.slice(at + hit[0].length),
          );
        }
      }
    }
    // A statement of one line is left out; a condition is turned round.
    if (
      /^(this\.|place\.|node\.|granted |wanted |asking|spot |due )[^=:]*(=[^>].*)?;$/.test(code) ||
      /^(if \(.*\) )?(return|continue|break);$/.test(code)
    ) {
      put(number, "left out", "");
    }
    const condition = /^(\s*(?:\} else )?if )\((.*)\)( \{| [^{]*;)$/.exec(line);
    if (condition !== null) {
      put(number, "condition turned round", `${condition[1]}(!(${condition[2]}))${condition[3]}`);
    }
  });
  return list;
}

/** One part of the work: every `nth` change from `from` on. */
function run(only: string, nth: number, from: number): Tally {
  const copy = new Copy();
  const tally = { tried: 0, caught: 0, equivalent: 0 };
  try {
    for (const file of FILES.filter((name) => name.includes(only))) {
      const source = copy.read(file);
      const seen = new Set<string>();
      for (const [i, change] of changes(source).entries()) {
        if (i % nth !== from || seen.has(change.text)) continue;
        seen.add(change.text);
        const line = source.split("\n")[change.line - 1]?.trim() ?? "";
        if (EQUIVALENT.some((known) => known.line === line && known.what === change.what)) {
          tally.equivalent++;
          continue;
        }
        tally.tried++;
        const examples = EXAMPLES.map((name) => `test/pure/pool/${name}.test.ts`);
        const fails =
          copy.try(file, change.text, HISTORIES, 15_000).failed ||
          copy.try(file, change.text, ["--test", "--test-isolation=none", ...examples], 20_000).failed;
        if (fails) tally.caught++;
        else console.log(`${file}:${change.line} ${change.what}\n    ${line}`);
      }
    }
  } finally {
    copy.remove();
  }
  return tally;
}

/** All of it, on all cores. */
async function runAll(only: string): Promise<Tally> {
  const parts = availableParallelism();
  const tallies = await Promise.all(
    Array.from({ length: parts }, (_, from) => {
      const part = spawn(process.execPath, [import.meta.filename, only, `${parts}+${from}`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let last = "";
      createInterface({ input: part.stdout }).on("line", (line) => {
        if (/^\d+ of \d+ caught/.test(line)) last = line;
        else console.log(line);
      });
      return new Promise<Tally>((resolve, reject) => {
        part.once("close", () => {
          const [caught, tried, equivalent] = last.match(/\d+/g)?.map(Number) ?? [];
          if (caught === undefined || tried === undefined)
            reject(new Error("A part ended without a result."));
          else resolve({ caught, tried, equivalent: equivalent ?? 0 });
        });
      });
    }),
  );
  const sum = (of: keyof Tally): number => tallies.reduce((total, tally) => total + tally[of], 0);
  return { tried: sum("tried"), caught: sum("caught"), equivalent: sum("equivalent") };
}

const [only = "", part] = process.argv.slice(2);
const [nth = 1, from = 0] = (part ?? "1").split("+").map(Number);
const { tried, caught, equivalent } = part === undefined ? await runAll(only) : run(only, nth, from);
console.log(
  `${caught} of ${tried} caught, beside ${equivalent} that change nothing (${((100 * caught) / tried).toFixed(1)} %)`,
);
process.exitCode = caught / tried >= 0.95 ? 0 : 1;
