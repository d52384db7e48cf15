import type { Pool } from "mysql2";
import type { Pool as PromisePool } from "mysql2/promise";

/** The pool with promises of a pool with callbacks; with those of `given.Promise` where the options name a class. */
export function promised(pool: Pool, given: unknown): PromisePool {
  const named = typeof given === "object" && given !== null && "Promise" in given ? given.Promise : undefined;
  return pool.promise(named as PromiseConstructor | undefined);
}
