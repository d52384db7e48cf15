import "./base/node-version.ts";

export type { DatabaseState, FailurePlace } from "./rider/model/errors.ts";
export {
  DependencyError,
  DriftError,
  LockError,
  MigrateError,
  RiderError,
  RollbackError,
  UnreadableError,
} from "./rider/model/errors.ts";
export type { RiderEvent } from "./rider/model/event.ts";
export type {
  Direction,
  IgnoreErrors,
  Migration,
  Outline,
  Place,
  Step,
  Work,
} from "./rider/model/migration.ts";
export type {
  Plan,
  PlannedMigration,
  PlannedStatement,
  PlannedStep,
  Resume,
  Unit,
} from "./rider/model/plan.ts";
export type { Problem } from "./rider/model/problem.ts";
export type { Findings, State, StatusRow } from "./rider/plan/status.ts";
export type { Target } from "./rider/plan/target.ts";
export { defineConfig, type FullConfig, type RiderConfig } from "./rider/run/config.ts";
export type { Created, CreateOptions } from "./rider/run/create.ts";
export type { QueryResult } from "./rider/run/query.ts";
export {
  type MarkCommand,
  type MigrateCommand,
  type RedoCommand,
  Rider,
  type RollbackCommand,
  type RunOptions,
  type RunResult,
} from "./rider/run/rider.ts";
export { step } from "./rider/run/step-function.ts";
