import type { DialectName } from "../model/dialect.ts";
import { LEXING } from "./statements.ts";

/** What one statement says that may have to do with the session. */
export interface Mentions {
  /** Words and quoted names in lower case, in their order. */
  readonly words: readonly string[];
  /** MySQL's user variables, without the sign; the server's own (`@@`) are none. */
  readonly variables: ReadonlySet<string>;
}

/** What the session alone knows about the statements before. */
const LAST_KEY = new Set("last_insert_id lastval currval last_insert_rowid".split(" "));
const LAST_COUNT = new Set("row_count found_rows changes total_changes".split(" "));

/** Words that a name of a table comes after. */
const BEFORE_NAME = new Set("table view sequence trigger if not exists unlogged recursive".split(" "));

export function mentionsOf(statement: string, dialect: DialectName): Mentions {
  const { token } = LEXING[dialect];
  const words: string[] = [];
  const variables = new Set<string>();
  // How many signs @ stand directly before.
  let signs = 0;
  for (let at = 0; at < statement.length; ) {
    const { kind, end } = token(statement, at);
    const text = statement.slice(at, end);
    if (text === "@") signs++;
    else {
      const word = kind === "word" ? text.toLowerCase() : kind === "quoted" ? nameIn(text) : undefined;
      if (word !== undefined && signs === 1 && dialect === "mysql") variables.add(word);
      else if (word !== undefined) words.push(word);
      signs = 0;
    }
    at = end;
  }
  return { words, variables };
}

/** The name between quotes that may hold one; strings may be variables' names on MySQL (`@'a b'`), and are harmless elsewhere. */
function nameIn(quoted: string): string | undefined {
  return quoted.length > 2 && quoted.length < 130 ? quoted.slice(1, -1).toLowerCase() : undefined;
}

/**
 * For each of the statements that stand behind one another: whether it and the next belong into one transaction, because what comes later needs what
 * only the session knows of what came before (a temporary table, a variable, the last key). Parted by the death of the
 * session, the rest would fail, or worse, do something else.
 */
export function tiedToNext(all: readonly Mentions[]): boolean[] {
  const tied = all.map(() => false);
  /** What the session holds, and the statement that has put it there. */
  const held = new Map<string, number>();
  const prepared = new Map<string, number>();
  for (const [i, { words, variables }] of all.entries()) {
    const tie = (from: number | undefined): void => {
      for (let at = from ?? i; at < i; at++) tied[at] = true;
    };
    for (const name of variables) {
      tie(held.get(`@${name}`));
      if (!held.has(`@${name}`)) held.set(`@${name}`, i);
    }
    for (const word of new Set(words)) tie(held.get(`table ${word}`));
    if (words.some((word) => LAST_KEY.has(word))) tie(held.get("key"));
    if (words.some((word) => LAST_COUNT.has(word))) tie(i - 1);
    const [first = "", second = ""] = words;
    for (const [name, at] of prepared) if (usesPrepared(words, name)) tie(at);
    if (first === "prepare") prepared.set(second, i);
    if (inserts(words) || words.includes("nextval")) held.set("key", i);
    const made = temporary(words);
    if (made !== undefined) held.set(`table ${made}`, i);
    if (first === "drop") for (const word of words) held.delete(`table ${word}`);
  }
  return tied;
}

/** The name of the temporary table (or view and the like) that a statement makes. */
function temporary(words: readonly string[]): string | undefined {
  const [first] = words;
  const at = words.findIndex((word) => word === "temporary" || word === "temp");
  const before = words[at - 1] ?? "";
  // `create or replace local temp view`; `select … into temp table t`. Elsewhere it is a name.
  const makes =
    first === "create"
      ? at < 5 && ["create", "replace", "local", "global"].includes(before)
      : (first === "select" || first === "with") && before === "into";
  return makes ? words.slice(at + 1).find((word) => !BEFORE_NAME.has(word)) : undefined;
}

function inserts(words: readonly string[]): boolean {
  const [first] = words;
  return first === "insert" || first === "replace" || (first === "with" && words.includes("insert"));
}

/** From which statement to which something of MySQL's session is needed. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** What has to outlive the session while a migration is under way. */
export interface Needs {
  readonly variables: ReadonlyMap<string, Span>;
  /** From the first that may give a key to the last that asks for one. */
  readonly key: Span | undefined;
}

export function needsOf(all: readonly Mentions[]): Needs {
  const variables = new Map<string, Span>();
  for (const [i, { words, variables: names }] of all.entries()) {
    // What is prepared from a variable is prepared again from it.
    const last = words[0] === "prepare" ? lastUse(all, words[1] ?? "", i) : i;
    for (const name of names) {
      const known = variables.get(name);
      variables.set(name, { first: known?.first ?? i, last: Math.max(known?.last ?? i, last) });
    }
  }
  const first = all.findIndex(({ words }) => inserts(words));
  const last = all.findLastIndex(({ words }) => words.includes("last_insert_id"));
  return { variables, key: first !== -1 && first < last ? { first, last } : undefined };
}

/** Where a prepared statement is executed or forgotten last; `from` where it never is. */
function lastUse(all: readonly Mentions[], name: string, from: number): number {
  const at = all.findLastIndex(({ words }) => usesPrepared(words, name));
  return Math.max(at, from);
}

/** Whether a statement needs the prepared one of that name. */
export function usesPrepared([first, second, third]: readonly string[], name: string): boolean {
  if (first === "execute") return second === name;
  return (first === "deallocate" || first === "drop") && (second === "prepare" ? third : second) === name;
}

/** Whether a `set` gives values to MySQL's user variables and to nothing else. */
export function setsOnlyVariables(statement: string): boolean {
  const { token } = LEXING.mysql;
  let depth = 0;
  // What stands at the beginning, and behind each comma of the list, is what is set.
  let target = false;
  for (let at = 0, first = true; at < statement.length; ) {
    const { kind, end } = token(statement, at);
    const text = statement.slice(at, end);
    if (kind !== "space" && kind !== "comment") {
      if (first) {
        if (text.toLowerCase() !== "set") return false;
        first = false;
        target = true;
      } else {
        if (target && (text !== "@" || statement[end] === "@")) return false;
        target = depth === 0 && text === ",";
      }
      if (kind === "open") depth++;
      if (kind === "close") depth--;
    }
    at = end;
  }
  return true;
}
