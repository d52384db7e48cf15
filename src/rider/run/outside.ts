import { constants, Script } from "node:vm";

/**
 * `import()` that also works under Jest. Jest runs modules in a context of its own, in which `import()` is refused; a script
 * that is compiled for the main context has Node's own loader. https://nodejs.org/api/vm.html#when-importmoduledynamically-is-vmconstantsuse_main_context_default_loader
 */
export async function importAnywhere(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return importOutside(url);
  }
}

/** Imports by Node's own loader, whatever context this code runs in. */
export function importOutside<Module>(url: string): Promise<Module> {
  const outside = new Script("process").runInThisContext() as NodeJS.Process;
  const { emitWarning } = outside;
  // Node.js calls the way out experimental, which is nothing to whoever tests a migration.
  outside.emitWarning = () => undefined;
  try {
    const script = new Script("(url) => import(url)", {
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    return (script.runInThisContext() as (url: string) => Promise<Module>)(url);
  } finally {
    outside.emitWarning = emitWarning;
  }
}

function isRefused(error: unknown): boolean {
  return /^ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING/.test(String((error as { code?: unknown } | null)?.code));
}
