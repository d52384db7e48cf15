import type { DialectName } from "../../dialect/dialect.ts";
import type { RiderEvent } from "../model/event.ts";
import type { Guard } from "./guard.ts";
import type { Ledger } from "./history.ts";

/** What everything that runs needs: the lock and its connection, the tables, and whom to tell. */
export interface RunContext {
  readonly dialect: DialectName;
  readonly guard: Guard;
  readonly ledger: Ledger;
  readonly emit: (event: RiderEvent) => void;
  /** Ends the run after the statement in hand. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that DDL waits for a lock of the database; `undefined` leaves the database's own setting. */
  readonly statementLockTimeout: number | undefined;
}

/** Where a migration stands in its run, for the reader. */
export interface Position {
  readonly position: number;
  readonly of: number;
}
