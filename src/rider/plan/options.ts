import type { DialectName } from "../model/dialect.ts";
import type { RollbackTarget, Target } from "./target.ts";

/** What all planning needs to know. */
export interface PlanOptions {
  readonly dialect: DialectName;
  /** What one transaction holds, where DDL can be rolled back. Default: `"run"`. */
  readonly transaction?: "run" | "migration" | undefined;
}

export interface MigrateOptions extends PlanOptions {
  /** Apply no further than this one; the order's earlier ones that are pending are applied too. Default: all. */
  readonly to?: Target | undefined;
}

export interface RollbackOptions extends PlanOptions, RollbackTarget {
  /** Undo the record alone where a migration can't be undone. Default: `false`. */
  readonly force?: boolean | undefined;
}
