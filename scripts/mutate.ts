/**
 * Changes the pool's deciding files mechanically, one spot at a time, and runs their tests: which changes go unnoticed?
 *
 *     node scripts/mutate.ts [part of a file name] [every nth, as 3, or 3+1 from the second on]
 *
 * Prints each survivor, and ends with 1 where fewer than 95 % are caught. Takes some minutes.
 */
import { Copy } from "../test/property/pool/copy.ts";

const FILES = ["machine", "queue", "chain", "deadlines", "ramp", "outage"].map(
  (name) => `src/pool/${name}.ts`,
);
const HISTORIES = ["test/property/pool/trial.ts", "1500"];
const EXAMPLES = [
  "burst",
  "outage",
  "renewal",
  "checks",
  "timeout",
  "acquire",
  "drain",
  "close",
  "faults",
  "holders",
  "ramp",
  "supply",
];

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

const only = process.argv[2] ?? "";
const [nth = 1, from = 0] = (process.argv[3] ?? "1").split("+").map(Number);
const copy = new Copy();
let tried = 0;
let caught = 0;
try {
  for (const file of FILES.filter((name) => name.includes(only))) {
    const source = copy.read(file);
    const seen = new Set<string>();
    for (const [i, change] of changes(source).entries()) {
      if (i % nth !== from || seen.has(change.text)) continue;
      seen.add(change.text);
      tried++;
      const examples = EXAMPLES.map((name) => `test/pure/pool/${name}.test.ts`);
      const fails =
        copy.try(file, change.text, HISTORIES, 15_000).failed ||
        copy.try(file, change.text, ["--test", "--test-isolation=none", ...examples], 20_000).failed;
      if (fails) caught++;
      else
        console.log(
          `${file}:${change.line} ${change.what}\n    ${source.split("\n")[change.line - 1]?.trim()}`,
        );
    }
    console.log(`${file}: so far ${caught} of ${tried} caught`);
  }
} finally {
  copy.remove();
}
console.log(`${caught} of ${tried} caught (${((100 * caught) / tried).toFixed(1)} %)`);
process.exitCode = caught / tried >= 0.95 ? 0 : 1;
