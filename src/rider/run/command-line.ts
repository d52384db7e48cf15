import { extname } from "node:path";
import { home } from "./home.ts";
import { importAnywhere } from "./outside.ts";
import type { Rider } from "./rider.ts";

/** What the program `rider` is made of, as far as it is used here. */
interface Program {
  main(argv: readonly string[], world: { readonly rider: Rider }): Promise<number>;
}

/**
 * Hands arguments to the program. The library must not depend on its command line, which has dependencies of its own, so that one is looked up
 * only when somebody asks for it, by its place beside this package's other files.
 */
export async function commandLine(rider: Rider, argv: readonly string[]): Promise<number> {
  const esm = new URL(home.replace(/\/cjs\/base\//, "/base/"));
  const { main } = (await importAnywhere(new URL(`../cli/main${extname(home)}`, esm).href)) as Program;
  return main(argv, { rider });
}
