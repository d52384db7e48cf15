import { type BlockTerms, beginning } from "../../base/ask.ts";
import type { DialectName, Isolation } from "../../index.ts";

/** How a transaction is to be begun, in the words that query builders have for it. */
export interface Beginning {
  readonly isolation?: Isolation | undefined;
  readonly access?: "read only" | "read write" | undefined;
  /** PostgreSQL: https://www.postgresql.org/docs/current/sql-set-transaction.html */
  readonly deferrable?: boolean | undefined;
  /** MySQL: https://dev.mysql.com/doc/refman/8.4/en/commit.html */
  readonly consistentSnapshot?: boolean | undefined;
  /** SQLite: https://www.sqlite.org/lang_transaction.html */
  readonly behavior?: "deferred" | "immediate" | "exclusive" | undefined;
}

/** The statements that begin it. */
export function beginTexts(dialect: DialectName, wanted: Beginning): readonly string[] {
  switch (dialect) {
    case "postgresql":
      return [words("begin", postgresModes(wanted))];
    case "mysql": {
      const { isolation, access, consistentSnapshot } = wanted;
      const start = words("start transaction", [
        consistentSnapshot === true && "with consistent snapshot",
        access,
      ]);
      return isolation === undefined ? [start] : [`set transaction isolation level ${isolation}`, start];
    }
    case "sqlite":
      // Its transactions are always serializable. One that writes takes the lock at once, or it may have to give up half-way.
      return [`begin ${wanted.behavior ?? (wanted.access === "read only" ? "deferred" : "immediate")}`];
  }
}

/** The same for an `atomic` block, which begins in its own words where it has them. */
export function blockTerms(dialect: DialectName, wanted: Beginning): BlockTerms {
  const { isolation, access, deferrable, consistentSnapshot, behavior } = wanted;
  const own =
    deferrable !== undefined ||
    consistentSnapshot === true ||
    behavior !== undefined ||
    (access === "read write" && dialect !== "sqlite");
  return {
    isolation,
    readOnly: access === "read only" ? true : undefined,
    [beginning]: own ? beginTexts(dialect, wanted) : undefined,
  };
}

function postgresModes({ isolation, access, deferrable }: Beginning): (string | false | undefined)[] {
  return [
    isolation !== undefined && `isolation level ${isolation}`,
    access,
    deferrable !== undefined && (deferrable ? "deferrable" : "not deferrable"),
  ];
}

function words(start: string, modes: readonly (string | false | undefined)[]): string {
  return [start, modes.filter(Boolean).join(", ")].join(" ").trim();
}
