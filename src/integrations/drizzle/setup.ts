import {
  createTableRelationsHelpers,
  DefaultLogger,
  type DrizzleConfig,
  extractTablesRelationalConfig,
  type Logger,
  type RelationalSchemaConfig,
  type TablesRelationalConfig,
} from "drizzle-orm";

/** A user's configuration, as sessions take it. */
export interface Setup {
  readonly schema: RelationalSchemaConfig<TablesRelationalConfig> | undefined;
  readonly options: SessionOptions;
}

export interface SessionOptions {
  logger?: Logger;
  cache?: NonNullable<DrizzleConfig["cache"]>;
}

/** Reads a configuration as Drizzle's own drivers do. */
export function setUp({ schema, logger, cache }: DrizzleConfig<Record<string, unknown>>): Setup {
  const chosen = logger === true ? new DefaultLogger() : logger === false ? undefined : logger;
  const options = {
    ...(chosen === undefined ? {} : { logger: chosen }),
    ...(cache === undefined ? {} : { cache }),
  };
  if (schema === undefined) return { schema, options };
  const { tables, tableNamesMap } = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
  return { schema: { fullSchema: schema, schema: tables, tableNamesMap }, options };
}

/** Makes the database forget what its cache holds, where it has one. */
export function attachCache(database: { $cache?: unknown }, { cache }: SessionOptions): void {
  if (cache !== undefined) database.$cache = Object.assign(cache, { invalidate: cache.onMutate });
}
