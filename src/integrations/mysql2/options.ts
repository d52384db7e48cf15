import { clientMaker } from "../../driver/mysql2-client.ts";
import { PooledMySQLDatabase, type PooledOptions } from "../../pool.ts";
import type { Host, HostConnectionConfig, HostPool, HostPoolConfig } from "./host.ts";

/** Milliseconds by which our limit for a connect is longer, so that mysql2's own error comes first. */
const GRACE = 250;

/** What stands for mysql2's "no limit": something has to end an attempt that does not end. */
const LONG = "5m";

/** A name for the one pool of a cluster. */
const READ = "read";

/**
 * mysql2's own reading of the options, whatever form they have: a URI, `{ uri }`, or one by one. It comes with a pool, which
 * has opened nothing yet and is ended at once. A cluster makes it, not mysql2's `createPool`: programs put ours in that one's place.
 */
export function readOptions(host: Host, options: unknown): HostPoolConfig {
  const cluster = host.createPoolCluster();
  cluster.add(READ, options);
  const { pool } = cluster._nodes[READ] as { readonly pool: HostPool };
  pool.end();
  return pool.config;
}

/** A database object of ours that does what mysql2's options say. Its connections are made by mysql2 itself, from its own reading of them. */
export function databaseFor(host: Host, config: HostPoolConfig): PooledMySQLDatabase {
  const { connectionConfig: its, connectionLimit, waitForConnections, queueLimit } = config;
  const maker = () => new host.Connection({ config: copyOf(its) });
  const options: PooledOptions = {
    ...whereTo(its),
    driver: { [clientMaker]: maker } as Record<string, unknown>,
    name: "mysql2",
    maxConnections: connectionLimit === 0 ? Number.MAX_SAFE_INTEGER : connectionLimit,
    connectTimeout: its.connectTimeout ? `${its.connectTimeout + GRACE}ms` : LONG,
    ...(waitForConnections ? { timeout: 0 } : {}),
    ...(queueLimit > 0 ? { maxWaiting: queueLimit } : {}),
    // mysql2 looks for idle ones only where not all of them may lie idle.
    ...(config.maxIdle < connectionLimit ? { idleTimeout: `${Math.max(1, config.idleTimeout)}ms` } : {}),
    reset: config.resetOnRelease ? "full" : "none",
  };
  return new PooledMySQLDatabase(options);
}

/** For the words of errors and events. */
function whereTo({ host, port, socketPath, user, database }: HostConnectionConfig): PooledOptions {
  return {
    ...(host ? { host } : {}),
    ...(port ? { port } : {}),
    ...(socketPath ? { socketPath } : {}),
    ...(user ? { user } : {}),
    ...(database ? { database } : {}),
  };
}

/** Commands such as `changeUser` write into a connection's options, so each has its own. */
function copyOf(config: HostConnectionConfig): HostConnectionConfig {
  return Object.create(Object.getPrototypeOf(config), Object.getOwnPropertyDescriptors(config));
}
