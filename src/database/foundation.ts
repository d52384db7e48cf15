import type { Dialect } from "../dialect/dialect.ts";
import type { Driver } from "../driver/driver.ts";
import type { Alone } from "./alone.ts";
import { Connector } from "./connector.ts";
import { DirectSource } from "./direct-source.ts";
import type { Multiplexer } from "./multiplex/multiplexer.ts";
import { CONNECTION_OPTION_NAMES, type ConnectionOptions, checkNames, readConnection } from "./options.ts";
import type { Source } from "./source.ts";

/** A dialect, bound to the drivers that speak it. The first is the usual one. */
export interface Binding {
  readonly dialect: Dialect;
  readonly drivers: readonly [Driver, ...Driver[]];
  /** For a pool, where they are not the same: drivers whose connections live in that many worker threads at most. */
  readonly threaded?: (most: number) => readonly [Driver, ...Driver[]];
}

/** What a database object stands on. */
export interface Foundation {
  readonly dialect: Dialect;
  readonly source: Source;
  readonly connector: Connector;
  readonly autoconnect: boolean;
  /** There is only one connection, for which everybody waits: a database in memory. */
  readonly single?: boolean;
  /** Runs statements outside any scope side by side on few connections, where there is a pool that can. */
  readonly multiplexer?: Multiplexer | undefined;
  /** Runs statements outside any scope that share no connection, where there is a pool. */
  readonly alone?: Alone | undefined;
}

/** Reads a class's options and makes what it stands on. `title` is the class's name, for errors. */
export type Founder = (binding: Binding, options: ConnectionOptions, title: string) => Foundation;

/**
 * The connector for a set of options, which must have been checked for names that don't exist.
 *
 * @param name what to call it, where the user gave it a name
 */
export function connectorOf(
  { dialect, drivers }: Binding,
  options: ConnectionOptions,
  name?: string,
): { connector: Connector; autoconnect: boolean | undefined } {
  const { targets, client, autoconnect } = readConnection(
    options,
    dialect,
    drivers.map((driver) => driver.client),
  );
  const driver = drivers.find((candidate) => candidate.client === client) ?? drivers[0];
  return { connector: new Connector(driver, targets, name), autoconnect };
}

/** Without a pool: each connection is opened when it is asked for, and closed when it is given back. */
export const direct: Founder = (binding, options, title) => {
  checkNames(options, CONNECTION_OPTION_NAMES, title);
  const { connector, autoconnect = true } = connectorOf(binding, options);
  return { dialect: binding.dialect, source: new DirectSource(connector), connector, autoconnect };
};
