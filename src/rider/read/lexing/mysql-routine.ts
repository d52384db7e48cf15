import type { TokenKind, Tracker } from "./token.ts";

/** An `expression` is a `case` in the middle of a statement: its `then` and `else` are followed by values. */
type Block = "begin" | "case" | "expression" | "if" | "loop" | "while" | "repeat" | "for";

/** What `create …` may make that has a body of statements. */
const ROUTINES = new Set(["procedure", "function", "trigger", "event", "package"]);

/** What else it may make, so that looking for one of the above ends. */
const OTHERS = new Set([
  ..."table view index database schema user role server sequence tablespace logfile resource spatial unique fulltext".split(
    " ",
  ),
  ..."temporary undo".split(" "),
]);

/** Words that begin a simple statement: the body is not a block then. */
const SIMPLE = new Set(
  "return select insert update delete set call replace with execute prepare signal resignal do truncate drop alter create".split(
    " ",
  ),
);

/** What a statement inside a body may follow. After these, `if` and `repeat` are blocks, elsewhere they are functions. */
const BEFORE_STATEMENT = new Set([";", "begin", "then", "else", "do", "loop", "repeat", ":", "atomic"]);

/** After these, `set` is part of a type: `returns set('a')`, `character set utf8mb4`. */
const SET_TYPE = new Set(["returns", "character"]);

const LOOPS = new Set(["if", "loop", "while", "repeat", "for"]);

/**
 * A semicolon inside the body of a procedure, function, trigger or event does not end the statement that creates it; so such
 * statements can be written without `DELIMITER`. Nor does one in an executable comment.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/sql-compound-statements.html
 * @see https://mariadb.com/kb/en/begin-end/ (`begin not atomic`, a block by itself)
 */
export class RoutineTracker implements Tracker {
  /** Where in a `create …` we are: its kind not seen yet; before the body; in the body, or no routine at all. */
  #part: "first" | "create" | "head" | "body" | "simple" | "none" = "first";
  #kind = "";
  #blocks: Block[] = [];
  #executable = 0;
  #brackets = 0;
  #previous = "";
  #closing = false;
  /** Between `handler` and the statement that handles. */
  #handler = false;

  see(kind: TokenKind, text: string): void {
    if (kind === "open" && text !== "(") this.#executable++;
    else if (kind === "close" && text !== ")") this.#executable = Math.max(0, this.#executable - 1);
    else this.#follow(kind, kind === "word" ? text.toLowerCase() : text);
  }

  #follow(kind: TokenKind, text: string): void {
    const before = this.#previous;
    this.#previous = text;
    if (kind === "open") this.#brackets++;
    if (kind === "close") {
      this.#brackets = Math.max(0, this.#brackets - 1);
      // The list of parameters has ended.
      if (this.#part === "head" && this.#brackets === 0 && /^(?:procedure|function)$/.test(this.#kind)) {
        this.#part = "body";
      }
    }
    // `new.end` and `@end` are names.
    if (kind !== "word" || before === "." || before === "@") {
      this.#closing = false;
      return;
    }
    switch (this.#part) {
      case "first":
        this.#part = text === "create" ? "create" : text === "begin" ? "head" : "none";
        this.#kind = text === "begin" ? "block" : "";
        return;
      case "create":
        if (ROUTINES.has(text)) {
          this.#part = "head";
          this.#kind = text;
        } else if (OTHERS.has(text)) this.#part = "none";
        return;
      case "head":
        this.#head(text, before);
        return;
      case "body":
      case "simple":
        this.#body(text, before);
    }
  }

  #head(word: string, before: string): void {
    switch (this.#kind) {
      case "block":
        // `begin` alone begins a transaction; `begin not atomic` is a block.
        if (word === "atomic" && before === "not") {
          this.#part = "body";
          this.#blocks.push("begin");
        } else if (word !== "not") this.#part = "none";
        return;
      case "trigger":
        if (word === "row" && before === "each") this.#part = "body";
        return;
      case "event":
        if (word === "do") this.#part = "body";
        return;
      case "package":
        // Only in MariaDB's Oracle mode, where the body's parts end with `end` and a name.
        if (word === "as" || word === "is") {
          this.#part = "body";
          this.#blocks.push("begin");
        }
    }
  }

  #body(word: string, before: string): void {
    const top = this.#blocks.at(-1);
    if (this.#closing) {
      // What was `end` is `end if`, `end loop`, `end case`: the block it names was closed already.
      this.#closing = false;
      if (word === "case" || LOOPS.has(word)) return;
    }
    if (word === "end") {
      // A block is closed where a statement may begin, `repeat … until` and a `case` of an expression anywhere.
      if (top === "expression") this.#blocks.pop();
      else if (top === "repeat" || (top !== undefined && BEFORE_STATEMENT.has(before))) {
        this.#blocks.pop();
        this.#closing = true;
      }
      return;
    }
    // Before the first statement of the body stand only its characteristics, so a block may begin after any of them.
    const opening = this.#blocks.length === 0 && this.#part === "body";
    const statement = opening || this.#handler || (top !== "expression" && BEFORE_STATEMENT.has(before));
    if (word === "handler") this.#handler = true;
    if (this.#handler) {
      // `declare exit handler for sqlexception begin …`: the statement begins after conditions of any kind.
      if (before === "handler") return;
      if (SIMPLE.has(word) || word === "begin" || word === "case" || LOOPS.has(word)) this.#handler = false;
    }
    if (word === "begin" && statement) this.#blocks.push("begin");
    else if (word === "case" && (this.#blocks.length > 0 || opening)) {
      this.#blocks.push(statement ? "case" : "expression");
    } else if (LOOPS.has(word) && statement) this.#blocks.push(word as Block);
    else if (opening && SIMPLE.has(word) && !(word === "set" && SET_TYPE.has(before))) this.#part = "simple";
  }

  inside(): boolean {
    return this.#executable > 0 || this.#blocks.length > 0;
  }

  refusal(): undefined {
    return undefined;
  }
}
