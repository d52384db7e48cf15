import type { CompiledQuery, QueryResult } from "kysely";
import type { Answer } from "../../base/ask.ts";

const WRITES: readonly string[] = ["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode", "MergeQueryNode"];

/** What Kysely is told of a result. */
export function resultOf<R>(compiled: CompiledQuery, answer: Answer): QueryResult<R> {
  const { rows, rowCount, changedRows, lastInsertId } = answer;
  return {
    rows: rows as R[],
    ...(hasWritten(compiled, answer) ? { numAffectedRows: BigInt(rowCount) } : {}),
    ...(changedRows === undefined ? {} : { numChangedRows: BigInt(changedRows) }),
    ...(lastInsertId === null ? {} : { insertId: BigInt(lastInsertId) }),
  };
}

/** Whether the count is that of rows written. Of SQL that Kysely did not write, the first word tells. */
function hasWritten({ query, sql }: CompiledQuery, { columns }: Answer): boolean {
  if (WRITES.includes(query.kind)) return true;
  if (query.kind !== "RawNode") return false;
  return columns.length === 0
    ? /^\s*(insert|update|delete|merge|replace|with)\b/i.test(sql)
    : /^\s*(insert|update|delete|merge|replace)\b/i.test(sql);
}
