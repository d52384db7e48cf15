import type { Part } from "../harness/part.ts";
import { mariaDB } from "./mariadb.ts";
import { mixedLoad } from "./mixed.ts";
import { pool } from "./pool.ts";
import { postgres } from "./postgres.ts";
import { rider } from "./rider.ts";
import { scope } from "./scope.ts";
import { sqlite } from "./sqlite.ts";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [pool, postgres, mixedLoad, scope, mariaDB, sqlite, rider];

/** @throws Error where there is no such part */
export function findPart(name: string): Part {
  const part = PARTS.find((one) => one.name === name);
  if (part === undefined) {
    throw new Error(`There is no part ${name}. Parts are ${PARTS.map((one) => one.name).join(", ")}.`);
  }
  return part;
}
