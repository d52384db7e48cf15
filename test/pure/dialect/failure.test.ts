import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Dialect, FailureCode } from "../../../src/dialect/dialect.ts";
import type { FailureKind } from "../../../src/dialect/failure.ts";
import { mysql } from "../../../src/dialect/mysql.ts";
import { postgresql } from "../../../src/dialect/postgresql.ts";
import { sqlite } from "../../../src/dialect/sqlite.ts";

/** What follows: nothing, the same transaction may be run again, the connection is dropped, its whole host is given up. */
type Then = "keep" | "retry" | "drop" | "retire";
type Row = readonly [code: FailureCode, kind: FailureKind, then: Then];

const state = (sqlState: string): FailureCode => ({ sqlState });
const number = (errno: number, sqlState = "HY000"): FailureCode => ({ errno, sqlState });
const named = (name: string): FailureCode => ({ name });

const POSTGRESQL: readonly Row[] = [
  [state("23505"), "unique", "keep"],
  [state("23503"), "foreignKey", "keep"],
  [state("23502"), "notNull", "keep"],
  [state("23514"), "check", "keep"],
  [state("23P01"), "exclusion", "keep"],
  [state("42601"), "syntax", "keep"],
  [state("42804"), "syntax", "keep"],
  [state("42P01"), "missing", "keep"],
  [state("42703"), "missing", "keep"],
  [state("42883"), "missing", "keep"],
  [state("3F000"), "missing", "keep"],
  [state("42501"), "permission", "keep"],
  [state("22P02"), "data", "keep"],
  [state("22012"), "data", "keep"],
  [state("40001"), "serialization", "retry"],
  [state("40P01"), "deadlock", "retry"],
  [state("55P03"), "lockTimeout", "keep"],
  [state("57014"), "cancelled", "keep"],
  [state("25P02"), "aborted", "keep"],
  [state("53100"), "full", "keep"],
  [state("53300"), "tooManyConnections", "keep"],
  [state("28P01"), "authentication", "keep"],
  [state("28000"), "authentication", "keep"],
  [state("3D000"), "noDatabase", "keep"],
  [state("XX000"), "other", "keep"],
  [state("0A000"), "other", "keep"],
  [state("25006"), "readOnly", "retire"],
  [state("25P03"), "shutdown", "drop"],
  [state("25P04"), "shutdown", "drop"],
  [state("57P01"), "shutdown", "drop"],
  [state("57P02"), "shutdown", "drop"],
  [state("57P03"), "starting", "drop"],
  [state("57P04"), "shutdown", "drop"],
  [state("57P05"), "shutdown", "drop"],
  [state("08006"), "lost", "drop"],
  [state("08P01"), "protocol", "drop"],
  [state("XX001"), "corrupt", "drop"],
  [named("ECONNRESET"), "lost", "drop"],
  [named("EPIPE"), "lost", "drop"],
  [named("ERR_INVALID_ARG_TYPE"), "other", "keep"],
  [{}, "other", "keep"],
];

const MYSQL: readonly Row[] = [
  [number(1062, "23000"), "unique", "keep"],
  [number(1586, "23000"), "unique", "keep"],
  [number(1451, "23000"), "foreignKey", "keep"],
  [number(1452, "23000"), "foreignKey", "keep"],
  [number(1048, "23000"), "notNull", "keep"],
  [number(1364), "notNull", "keep"],
  [number(3819), "check", "keep"],
  [number(4025, "23000"), "check", "keep"],
  [number(1064, "42000"), "syntax", "keep"],
  [number(1146, "42S02"), "missing", "keep"],
  [number(1054, "42S22"), "missing", "keep"],
  [number(1142, "42000"), "permission", "keep"],
  [number(1406, "22001"), "data", "keep"],
  [number(1213, "40001"), "deadlock", "retry"],
  [number(1020), "serialization", "retry"],
  [number(1205), "lockTimeout", "keep"],
  [number(1317, "70100"), "cancelled", "keep"],
  [number(3024), "timeout", "keep"],
  [number(1969, "70100"), "timeout", "keep"],
  [number(1114), "full", "keep"],
  [number(1040, "08004"), "tooManyConnections", "keep"],
  [number(1203, "42000"), "tooManyConnections", "keep"],
  [number(1045, "28000"), "authentication", "keep"],
  [number(1049, "42000"), "noDatabase", "keep"],
  [number(1792, "25006"), "readOnly", "keep"],
  [number(1290), "readOnly", "retire"],
  [{ ...number(1290), option: "read-only" }, "readOnly", "retire"],
  [{ ...number(1290), option: "super-read-only" }, "readOnly", "retire"],
  [{ ...number(1290), option: "secure-file-priv" }, "permission", "keep"],
  [{ ...number(1290), option: "skip-grant-tables" }, "permission", "keep"],
  [number(1836), "readOnly", "retire"],
  [number(1053, "08S01"), "shutdown", "drop"],
  [number(1927, "70100"), "shutdown", "drop"],
  [number(4031), "shutdown", "drop"],
  [number(1835), "protocol", "drop"],
  [number(1158, "08S01"), "lost", "drop"],
  [number(2013), "lost", "drop"],
  [named("PROTOCOL_CONNECTION_LOST"), "lost", "drop"],
  [named("ECONNRESET"), "lost", "drop"],
  [number(9999), "other", "keep"],
  [{}, "other", "keep"],
];

const SQLITE: readonly Row[] = [
  [{ errno: 2067 }, "unique", "keep"],
  [{ errno: 1555 }, "unique", "keep"],
  [{ errno: 787 }, "foreignKey", "keep"],
  [{ errno: 1299 }, "notNull", "keep"],
  [{ errno: 275 }, "check", "keep"],
  [{ errno: 5 }, "lockTimeout", "keep"],
  [{ errno: 261 }, "lockTimeout", "keep"],
  [{ errno: 6 }, "lockTimeout", "keep"],
  [{ errno: 517 }, "serialization", "retry"],
  [{ errno: 8 }, "readOnly", "keep"],
  [{ errno: 1032 }, "readOnly", "keep"],
  [{ errno: 9 }, "cancelled", "keep"],
  [{ errno: 11 }, "corrupt", "drop"],
  [{ errno: 26 }, "corrupt", "drop"],
  [{ errno: 13 }, "full", "keep"],
  [{ errno: 14 }, "noDatabase", "keep"],
  [{ errno: 18 }, "data", "keep"],
  [{ errno: 1 }, "other", "keep"],
  [{}, "other", "keep"],
];

for (const [dialect, rows] of [
  [postgresql, POSTGRESQL],
  [mysql, MYSQL],
  [sqlite, SQLITE],
] as const satisfies readonly (readonly [Dialect, readonly Row[]])[]) {
  describe(`failures of ${dialect.title}`, () => {
    for (const [code, kind, then] of rows) {
      test(`${JSON.stringify(code)} is "${kind}": ${then}`, () => {
        assert.deepEqual(dialect.classify(code), {
          kind,
          retryable: then === "retry",
          connection: then === "drop" || then === "retire" ? "drop" : "keep",
          host: then === "retire" ? "retire" : "keep",
        });
      });
    }
  });
}
