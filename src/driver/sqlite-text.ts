import { Recent } from "../base/recent.ts";
import { leavesResidue } from "../dialect/residue.ts";
import { scan } from "../dialect/scan.ts";
import { sqlite } from "../dialect/sqlite.ts";

/**
 * What a statement needs of the file: `"read"` nothing but a look, `"write"` the file's one place for a writer, `"begin"`
 * that place for a whole transaction; `"plain"` is all that changes no file by itself (`begin`, `commit`, `savepoint`, a
 * setting).
 */
export type Intent = "read" | "write" | "begin" | "plain";

/** What can be seen from a statement's text. */
export interface Reading {
  readonly intent: Intent;
  /** Whether its number of changed rows is its own: SQLite keeps the figure of the last statement that had one. */
  readonly changes: boolean;
  /** Whether the last insert id is its own. */
  readonly inserts: boolean;
  /** Whether it may leave something of itself in the session. */
  readonly residue: boolean;
}

const CHANGING = new Set(["insert", "replace", "update", "delete", "with"]);
const INSERTING = new Set(["insert", "replace", "with"]);
const READING = new Set(["select", "values", "explain"]);
const PLAIN = new Set(["commit", "end", "rollback", "savepoint", "release", "attach", "detach"]);

/** Pragmas that only tell something, whatever their argument: https://www.sqlite.org/pragma.html */
const TELLING = new Set(
  `table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list foreign_key_check integrity_check
  quick_check database_list collation_list function_list module_list pragma_list compile_options data_version
  freelist_count page_count`.split(/\s+/),
);

/** Pragmas that write into the file. Those not named here and not above are settings of the session. */
const WRITING = new Set(
  `application_id auto_vacuum encoding incremental_vacuum journal_mode optimize page_size schema_version user_version
  wal_checkpoint`.split(/\s+/),
);

const known = new Recent(read);

/** Reads a statement's text, once for each text. */
export function readingOf(text: string): Reading {
  return known.of(text);
}

/** Whether a statement of this text only looks, and leaves the session as it is. */
export function looks(text: string): boolean {
  const { intent, residue } = known.of(text);
  return intent === "read" && !residue;
}

function read(text: string): Reading {
  const verb = firstWord(text);
  const pragma = verb === "pragma" ? pragmaOf(text) : undefined;
  return {
    intent: pragma?.intent ?? intentOf(verb, text),
    changes: CHANGING.has(verb),
    inserts: INSERTING.has(verb),
    residue: leavesResidue(text, "sqlite") && !(pragma?.harmless ?? false),
  };
}

/** Rather a write too many, which waits for its turn, than one too few, which may find the file locked. */
function intentOf(verb: string, text: string): Intent {
  if (READING.has(verb)) return "read";
  if (PLAIN.has(verb)) return "plain";
  if (verb === "begin")
    return /^\W*begin\s+(immediate|exclusive)\b/i.test(withoutComments(text)) ? "begin" : "plain";
  if (verb === "with") return /\b(insert|update|delete|replace)\b/i.test(codeOf(text)) ? "write" : "read";
  return "write";
}

function pragmaOf(text: string): { intent: Intent; harmless: boolean } {
  const [, name = "", rest = ""] =
    /^\W*pragma\s+(?:\w+\s*\.\s*)?(\w+)\s*([=(]?)/i.exec(withoutComments(text)) ?? [];
  const pragma = name.toLowerCase();
  const asks =
    rest === "" && pragma !== "incremental_vacuum" && pragma !== "optimize" && pragma !== "wal_checkpoint";
  if (asks || TELLING.has(pragma)) return { intent: "read", harmless: true };
  if (WRITING.has(pragma)) return { intent: "write", harmless: true };
  return { intent: "plain", harmless: false };
}

/** A statement's verb, in lower case. */
export function firstWord(text: string): string {
  return /^\W*(\w+)/.exec(withoutComments(text))?.[1]?.toLowerCase() ?? "";
}

/** The text with its comments replaced by blanks. */
export function withoutComments(text: string): string {
  if (!text.includes("--") && !text.includes("/*")) return text;
  return scan(text, sqlite.lexicon)
    .filter(({ kind }) => kind !== "comment")
    .map(({ start, end }) => text.slice(start, end))
    .join(" ");
}

/** The text without comments, strings and quoted names. */
function codeOf(text: string): string {
  return scan(text, sqlite.lexicon)
    .filter(({ kind }) => kind === "code")
    .map(({ start, end }) => text.slice(start, end))
    .join(" ");
}
