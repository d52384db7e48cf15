import { createRequire } from "node:module";
import { join } from "node:path";
import { here } from "../base/here.ts";
import { DriverMissingError } from "./errors.ts";

/**
 * The client library `name`: the one installed beside this package, else the program's own. By `require`, because
 * `import()` can't be used everywhere (Jest refuses it).
 *
 * @param byPath asks for the file that the name stands for, which hooks that look at names do not answer
 * @throws DriverMissingError where neither has it
 */
export function loadClient<Module>(name: string, title: string, { byPath = false } = {}): Module {
  let missing: unknown;
  for (const from of [here, join(process.cwd(), "package.json")]) {
    try {
      const require = createRequire(from);
      return require(byPath ? require.resolve(name) : name) as Module;
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      missing = error;
    }
  }
  throw new DriverMissingError(name, title, { cause: missing });
}

/** Whether it is `name` itself that was not found, rather than something it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "MODULE_NOT_FOUND" && message.includes(`'${name}'`);
}
