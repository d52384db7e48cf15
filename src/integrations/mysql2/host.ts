import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { loadClient } from "../../driver/load.ts";
import { isOurs } from "./mirror.ts";

/*
 * The part of mysql2 that is used here. What is lent and what runs statements is mysql2's own; these are the places where
 * its pool and ours meet.
 */

export type GotConnection = (error: Error | null, connection?: HostConnection) => void;

/** mysql2's connection, as a pool of mysql2's has it. */
export interface HostConnection extends EventEmitter {
  readonly stream: Socket;
  readonly config: { pool?: unknown };
  _pool: unknown;
  /** Whether it is back in its pool, so that giving it back again does nothing. */
  _released: boolean;
  lastActiveTime: number;
  _removeFromPool(): void;
  /** Says goodbye to the server when its statements are done. */
  _realEnd(): void;
}

/** What is read of the options of mysql2's that the connections are made with. */
export interface HostConnectionConfig {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly user?: string;
  readonly database?: string;
  /** Milliseconds; 0 for no limit. */
  readonly connectTimeout?: number;
}

/** mysql2's reading of the options of a pool, with its defaults filled in. Times are milliseconds. */
export interface HostPoolConfig {
  readonly connectionConfig: HostConnectionConfig;
  readonly connectionLimit: number;
  readonly waitForConnections: boolean;
  readonly queueLimit: number;
  readonly maxIdle: number;
  readonly idleTimeout: number;
  readonly resetOnRelease?: boolean;
}

export interface HostPool extends EventEmitter {
  readonly config: HostPoolConfig;
  _closed: boolean;
  query(...args: unknown[]): unknown;
  execute(...args: unknown[]): unknown;
  end(callback?: (error?: Error) => void): void;
  promise(promise?: unknown): object;
}

interface HostCluster {
  readonly _nodes: Readonly<Record<string, { readonly pool: HostPool }>>;
  add(name: string, options: unknown): void;
}

export interface Host {
  createPoolCluster(): HostCluster;
  readonly Connection: new (options: { config: HostConnectionConfig }) => object;
  readonly Pool: new (options: { config: HostPoolConfig }) => HostPool;
  readonly PoolConnection: { readonly prototype: HostConnection };
}

let host: Host | undefined;

/** The program's mysql2, loaded when it is first needed. @throws DriverMissingError where it is not installed */
export function mysql2(): Host {
  host ??= realOf<Host>("mysql2");
  return host;
}

/**
 * A module of mysql2's, also where a hook of the program's gives ours to everybody who asks for that one by its name.
 *
 * @throws DriverMissingError where it is not installed
 */
export function realOf<Module extends object>(name: string): Module {
  const found = loadClient<Module>(name, "MySQL");
  return isOurs(found) ? loadClient<Module>(name, "MySQL", { byPath: true }) : found;
}

/** The program's mysql2, with the types of all that it exports. */
export function loaded(): typeof import("mysql2") {
  return mysql2() as unknown as typeof import("mysql2");
}
