import type { Direction } from "./migration.ts";
import type { Problem } from "./problem.ts";

/** What a run says while it goes on. Data: `report/` makes sentences of them. Times are in seconds. */
export type RiderEvent =
  /** Another run holds the lock. Said at first and then now and again. */
  | {
      readonly type: "waiting";
      readonly holder?: string | undefined;
      readonly seconds: number;
      readonly limit: number;
    }
  | { readonly type: "warning"; readonly problem: Problem }
  | { readonly type: "planned"; readonly direction: Direction; readonly count: number }
  | {
      readonly type: "begin";
      readonly direction: Direction;
      readonly id: string;
      /** Its position in this run, from 1, and how many there are. */
      readonly position: number;
      readonly of: number;
      /** Set where a half-applied migration goes on: how many of its statements were done before. */
      readonly resumed?: { readonly done: number; readonly of: number } | undefined;
    }
  /** A statement or function has ended; for progress. */
  | { readonly type: "statement"; readonly id: string; readonly step: number; readonly statement: number }
  /** A failure that `ignoreErrors` passed over. `reason` is the database's, without values. */
  | {
      readonly type: "ignored";
      readonly direction: Direction;
      readonly id: string;
      readonly step: number;
      readonly statement?: number | undefined;
      readonly reason: string;
    }
  | {
      readonly type: "done";
      readonly direction: Direction;
      readonly id: string;
      readonly position: number;
      readonly of: number;
      readonly seconds: number;
      /** Only the record was changed: forced, or marked. */
      readonly recordOnly?: boolean | undefined;
    }
  | { readonly type: "end"; readonly direction: Direction; readonly count: number; readonly seconds: number };
