import type { Handle } from "../../database/handle.ts";
import { type StepFunction, step as untyped } from "../model/step.ts";

/**
 * One step of a migration: SQL, or a function that is given the database, whose statements run in the migration's transaction.
 *
 * ```ts
 * step("create table contacts (id int not null)", "drop table contacts")
 * step({ migrate: "…", rollback: "…", ignoreErrors: "all" })
 * step(async (db) => { await db.sql("…") }, async (db) => { await db.sql("…") })
 * ```
 *
 * @throws RiderError for what is no step: an unknown key, a misspelt `ignoreErrors`, something that is neither text nor function
 */
export const step: StepFunction<Handle> = untyped;
