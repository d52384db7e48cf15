import { OptionError } from "./error.ts";
import { nearest } from "./nearest.ts";

/**
 * The error for an option that does not exist.
 *
 * @param owner what was given it, as the start of a sentence: `"The pool"`
 * @param more said where no known name is near
 * @param elsewhere what other libraries call the known ones, where that is not near
 */
export function unknownOption(
  owner: string,
  name: string,
  known: readonly string[],
  more = "",
  elsewhere: Readonly<Record<string, string>> = {},
): OptionError {
  const there = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  const near = there !== undefined && known.includes(there) ? there : nearest(name, known);
  const hint = near === undefined ? `Known are ${known.join(", ")}.${more}` : `Did you mean "${near}"?`;
  return new OptionError(name, `${owner} has no option "${name}". ${hint}`);
}
