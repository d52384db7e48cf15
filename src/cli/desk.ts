import type { Rider } from "../rider/run/rider.ts";
import type { GlobalOptions, World } from "./world.ts";

/** What a command is given to do its work. */
export interface Desk {
  readonly world: World;
  /** The exit code, where it is not 0. */
  readonly end: (code: number) => void;
  /** Opens the Rider that the options mean, for the time of `work`. */
  withRider<Value>(options: GlobalOptions, work: (rider: Rider) => Promise<Value>): Promise<Value>;
}

/** What stands below a command's help. */
export function example(...lines: readonly string[]): string {
  return `\nExample${lines.length > 1 ? "s" : ""}:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}
