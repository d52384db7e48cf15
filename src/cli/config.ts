import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { RiderError, UnreadableError } from "../rider/model/errors.ts";
import { DEFAULTS, fullConfig, type RiderConfig } from "../rider/run/config.ts";
import { loadModule } from "../rider/run/load.ts";
import { Rider } from "../rider/run/rider.ts";
import { openUrl } from "../rider/run/url.ts";
import { type GlobalOptions, UsageError, type World } from "./world.ts";

/** The names the configuration may have; the first that is there counts. */
const NAMES = ["rider.ts", "rider.mts", "rider.js", "rider.mjs"];

/** A Rider for a command, and its end. */
export interface Opened {
  readonly rider: Rider;
  close(): Promise<void>;
}

/**
 * The Rider that a command line means: from `rider.ts` here or in the nearest folder above, from `--config`, or from `--url` and `--source`,
 * which win over what a file says.
 *
 * @throws UsageError where there is no configuration
 */
export async function openRider(options: GlobalOptions, world: World): Promise<Opened> {
  if (world.rider) return { rider: world.rider, close: async () => undefined };
  const { db, config } = await readConfig(options, world);
  const source = options.source === undefined ? config.source : resolve(world.cwd, options.source);
  if (options.url !== undefined) {
    const own = await openUrl(options.url);
    return { rider: new Rider(own, { ...config, source }), close: () => own[Symbol.asyncDispose]() };
  }
  if (db === undefined) throw new UsageError(noConfig(world.cwd));
  const rider = new Rider(db as ConstructorParameters<typeof Rider>[0], { ...config, source });
  return { rider, close: async () => (db as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.() };
}

/** The folder of migrations, for what needs no database. @throws UsageError where nothing says which */
export async function sourceFolder(options: GlobalOptions, world: World): Promise<string> {
  if (world.rider) return resolve(world.rider.config.source);
  if (options.source !== undefined && options.config === undefined) return resolve(world.cwd, options.source);
  const { db, config } = await readConfig(options, world);
  if (db === undefined && options.url === undefined) throw new UsageError(noConfig(world.cwd));
  return options.source === undefined ? (config.source ?? "") : resolve(world.cwd, options.source);
}

interface Exported {
  readonly db: unknown;
  /** With its `source` made absolute. */
  readonly config: RiderConfig;
}

async function readConfig(options: GlobalOptions, world: World): Promise<Exported> {
  const file = options.config === undefined ? nearest(world.cwd) : given(options.config, world.cwd);
  if (file === undefined) return { db: undefined, config: { source: resolve(world.cwd, "migrations") } };
  const exported = await load(file);
  const config = (exported.config ?? {}) as RiderConfig;
  // What does not fit is refused here, before any of it is used.
  fullConfig(config);
  if (exported.db === undefined && options.url === undefined) {
    throw new UsageError(
      `${file} does not export a database. Write there: export const db = new PostgreSQLDatabase({ … }), or export { db } where it comes from elsewhere.`,
    );
  }
  const source = resolve(dirname(file), config.source ?? DEFAULTS.source);
  return { db: await exported.db, config: { ...config, source } };
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const namespace = await loadModule(file);
    const inner = namespace.default;
    // `export default { db, config }` means the same.
    return "db" in namespace || typeof inner !== "object" || inner === null ? namespace : { ...inner };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const message = `Rider's configuration ${file} can't be loaded. ${error.reason}`;
    // An option that does not fit is wrong usage, whoever finds it.
    if (codeOf(error.cause) === "OPTION_INVALID") throw new UsageError(message);
    throw new RiderError(message, { cause: error });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function given(path: string, cwd: string): string {
  const file = resolve(cwd, path);
  if (existsSync(file) && statSync(file).isFile()) return file;
  throw new UsageError(
    `There is no configuration ${file}, which --config names. Correct the path, or leave it out where rider.ts is here or above.`,
  );
}

function nearest(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find(
      (file) => existsSync(file) && statSync(file).isFile(),
    );
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

function noConfig(cwd: string): string {
  return (
    `There is no ${NAMES.join(", ")} in ${cwd} or in a folder above it, so it is not known which database is meant. ` +
    "Write a rider.ts that exports db, name one with --config FILE, or use --url URL and --source DIR."
  );
}
