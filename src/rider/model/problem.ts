import type { Direction, Place } from "./migration.ts";

/**
 * Something found wrong before anything ran: data, which `plan/problems.ts` turns into sentences and errors.
 * `"edited"` and `"missing"` are warnings; the others stop a run.
 */
export type Problem =
  | { readonly kind: "unreadable"; readonly file: string; readonly reason: string }
  | { readonly kind: "duplicate-id"; readonly id: string; readonly files: readonly string[] }
  | { readonly kind: "alike-ids"; readonly ids: readonly string[]; readonly files: readonly string[] }
  | {
      readonly kind: "orphan-rollback";
      readonly id: string;
      readonly file: string;
      readonly near?: string | undefined;
    }
  | {
      readonly kind: "missing-dependency";
      readonly id: string;
      readonly file: string;
      readonly depends: string;
      readonly near?: string | undefined;
    }
  /** `ids[0]` depends on `ids[1]`, and so on; the last depends on the first. */
  | {
      readonly kind: "cycle";
      readonly ids: readonly string[];
      readonly files: readonly (string | undefined)[];
    }
  | {
      readonly kind: "unknown-target";
      readonly given: string;
      readonly reason: "no-such-id" | "no-such-index" | "not-a-count" | "not-applied" | "none" | "several";
      readonly near?: string | undefined;
      /** How many migrations there are. */
      readonly count: number;
    }
  | { readonly kind: "no-rollback"; readonly id: string; readonly file: string }
  | { readonly kind: "rollback-file-missing"; readonly id: string }
  | {
      readonly kind: "half-applied";
      readonly id: string;
      readonly file: string | undefined;
      readonly direction: Direction;
      readonly done: number;
      readonly of: number | undefined;
    }
  | {
      readonly kind: "finished-changed";
      readonly id: string;
      readonly file: string;
      readonly direction: Direction;
      readonly step: number;
      readonly statement: number;
      /** The statement that stands in that place now; `undefined` where there is none any more. */
      readonly now: string | undefined;
      readonly place?: Place | undefined;
    }
  | {
      readonly kind: "statement-refused";
      readonly id: string;
      readonly file: string;
      readonly direction: Direction;
      readonly step: number;
      readonly statement: number;
      readonly sql: string;
      readonly place?: Place | undefined;
      readonly why: "transaction-control" | "outside-transaction" | "never";
      readonly advice: string;
    }
  | { readonly kind: "edited"; readonly id: string; readonly file: string }
  | { readonly kind: "missing"; readonly id: string };
