/** One `import`, `export … from`, `import()` or `require()` of a source file. */
export interface Import {
  readonly specifier: string;
  /** Whether it vanishes when types are stripped. */
  readonly types: boolean;
  readonly dynamic: boolean;
  readonly line: number;
}

/** What may stand before a regular expression, but not before a division. */
const BEFORE_REGEX = /(?:[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|await|yield))$/;

/**
 * The code without what is not code: each character of a comment, of a string's or template's text and of a regular expression
 * is a space (line breaks stay), so that every place is where it was. A string keeps its quotes.
 */
export function codeOnly(source: string): string {
  const out = source.split("");
  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
  };
  // For each template that is open: how many braces of its own `${…}` are open.
  const templates: number[] = [];
  let i = 0;
  const inTemplate = (from: number): void => {
    while (i < source.length && source[i] !== "`" && !source.startsWith("${", i))
      i += source[i] === "\\" ? 2 : 1;
    blank(from, i);
    if (source[i] === "`") templates.pop();
    else i++;
    i++;
  };
  while (i < source.length) {
    const from = i;
    const two = source.slice(i, i + 2);
    const one = source[i];
    if (two === "//" || two === "/*") {
      const end = two === "//" ? source.indexOf("\n", i) : source.indexOf("*/", i) + 2;
      i = end < 2 ? source.length : end;
      blank(from, i);
    } else if (one === '"' || one === "'") {
      for (i++; i < source.length && source[i] !== one && source[i] !== "\n"; )
        i += source[i] === "\\" ? 2 : 1;
      blank(from + 1, i);
      i++;
    } else if (one === "`") {
      templates.push(0);
      i++;
      inTemplate(i);
    } else if (
      one === "/" &&
      BEFORE_REGEX.test(
        out
          .slice(Math.max(0, i - 40), i)
          .join("")
          .trimEnd(),
      )
    ) {
      let inClass = false;
      for (i++; i < source.length && (source[i] !== "/" || inClass) && source[i] !== "\n"; i++) {
        if (source[i] === "\\") i++;
        else if (source[i] === "[") inClass = true;
        else if (source[i] === "]") inClass = false;
      }
      i++;
      blank(from, i);
    } else {
      const depth = templates.at(-1);
      if (depth !== undefined && one === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && one === "}") {
        if (depth === 0) {
          i++;
          inTemplate(i);
          continue;
        }
        templates[templates.length - 1] = depth - 1;
      }
      i++;
    }
  }
  return out.join("");
}

/** Everything a source file imports. */
export function importsOf(source: string): Import[] {
  const code = codeOnly(source);
  const found: Import[] = [];
  const add = (match: RegExpExecArray, quote: number, types: boolean, dynamic: boolean): void => {
    const end = code.indexOf(code[quote] ?? "", quote + 1);
    const line = code.slice(0, match.index).split("\n").length;
    found.push({ specifier: source.slice(quote + 1, end), types, dynamic, line });
  };
  const statement = /(?<![\w.$])(?:import|export)\b(\s+type\b(?!\s*(?:,|from\b)))?([^;"'()=]*?)(["'])/g;
  for (let match = statement.exec(code); match; match = statement.exec(code)) {
    const [all, type, names = ""] = match;
    if (all.trimStart().startsWith("export") && !/\bfrom\s*$/.test(names)) continue;
    const each = /^\s*\{([^}]*)\}\s*from\s*$/
      .exec(names)?.[1]
      ?.split(",")
      .filter((name) => name.trim());
    const types =
      type !== undefined || (each?.length ? each.every((name) => /^\s*type\s/.test(name)) : false);
    add(match, statement.lastIndex - 1, types, false);
  }
  const call = /(?<![\w.$])(?:import|require)\s*\(\s*(["'])/g;
  for (let match = call.exec(code); match; match = call.exec(code)) {
    add(match, call.lastIndex - 1, /\btypeof\s*$/.test(code.slice(0, match.index)), true);
  }
  return found.sort((a, b) => a.line - b.line);
}
