import type { DialectName } from "../model/dialect.ts";
import type { Facts } from "./recognising/facts.ts";
import { mysqlFacts, mysqlRefused } from "./recognising/mysql.ts";
import { postgresqlFacts, postgresqlRefused } from "./recognising/postgresql.ts";
import { sqliteFacts, sqliteRefused } from "./recognising/sqlite.ts";
import { LEXING } from "./statements.ts";

export type { Facts } from "./recognising/facts.ts";

/** How many words are looked at: more than any of the rules needs, and few enough for inserts of a megabyte. */
const ENOUGH = 40;

/** The facts about one statement (as `splitStatements` gives it), from its words. */
export function recognise(statement: string, dialect: DialectName): Facts {
  const words = wordsOf(statement, dialect);
  const facts =
    dialect === "postgresql"
      ? postgresqlFacts(words)
      : dialect === "mysql"
        ? mysqlFacts(words)
        : sqliteFacts(words, statement);
  return {
    ddl: false,
    commits: false,
    transactionControl: false,
    outsideTransaction: undefined,
    never: undefined,
    hint: undefined,
    ...facts,
  };
}

const REFUSED: Readonly<Record<DialectName, ReadonlySet<string>>> = {
  postgresql: postgresqlRefused,
  mysql: mysqlRefused,
  sqlite: sqliteRefused,
};

/**
 * Whether a statement (as `splitStatements` gives it) can be one that controls a transaction or can't be in one. Told by its first word, so that
 * the most of a thousand migrations need not be looked at twice.
 */
export function mayBeRefused(statement: string, dialect: DialectName): boolean {
  const { kind, end } = LEXING[dialect].token(statement, 0);
  return kind !== "word" || REFUSED[dialect].has(statement.slice(0, end).toLowerCase());
}

/** The statement's first words in lower case, without comments, quotes and signs; brackets and `=` stay, since rules look at them. */
export function wordsOf(statement: string, dialect: DialectName): string[] {
  const { token } = LEXING[dialect];
  const words: string[] = [];
  for (let at = 0; at < statement.length && words.length < ENOUGH; ) {
    const { kind, end } = token(statement, at);
    if (kind === "word" || (end === at + 1 && (statement[at] === "(" || statement[at] === "=")))
      words.push(statement.slice(at, end).toLowerCase());
    // A name in quotes takes the place of a word, and is none of those that mean something.
    else if (kind === "quoted") words.push('"');
    at = end;
  }
  return words;
}
