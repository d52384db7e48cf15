import type { stands } from "../../base/ask.ts";
import type { inOneGo } from "../../database/in-one-go.ts";
import type { Dialect, DialectName } from "../../dialect/dialect.ts";
import { mysql } from "../../dialect/mysql.ts";
import { postgresql } from "../../dialect/postgresql.ts";
import { sqlite } from "../../dialect/sqlite.ts";

/** What one write gave. */
export interface Written {
  readonly rowCount: number;
  readonly lastInsertId?: unknown;
}

/** The part of a connection that Rider itself uses. Every connection handle of this library is one. */
export interface Session {
  sql(query: string, params?: readonly unknown[]): Promise<Written>;
  select<Row extends object = Record<string, unknown>>(
    query: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
  atomic<Value>(work: () => Promise<Value>): Promise<Value>;
  close(): Promise<unknown>;
  /** How its transaction stands, by the database's last answer. */
  readonly [stands]?: "idle" | "transaction" | "failed" | "lost";
  /** Runs statements here and now, up to the first that fails; `undefined` where they have to be sent one by one. */
  [inOneGo]?(texts: readonly string[]): { readonly done: number; readonly failure?: unknown } | undefined;
}

const DIALECTS: Readonly<Record<DialectName, Dialect>> = { postgresql, mysql, sqlite };

/** The facts about a database, by the name its object gives. */
export function dialectOf(name: DialectName): Dialect {
  return DIALECTS[name];
}

/** A table's name in quotes; a schema before it, divided by a dot, is quoted by itself. */
export function quoteTable(dialect: DialectName, name: string): string {
  return name
    .split(".")
    .map((part) => DIALECTS[dialect].quoteIdentifier(part))
    .join(".");
}
