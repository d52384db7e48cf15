import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";

/**
 * The part of a `pg` client that a pool needs. What begins with an underscore is not in pg's documentation, but is what
 * pg's own pool goes by; a client of another make may lack it, and then counts as sound.
 */
export interface PgClient extends Partial<Pick<EventEmitter, "once" | "off">> {
  connect(callback: (error?: Error | null) => void): void;
  query(config: unknown, values?: unknown, callback?: unknown): unknown;
  end(callback?: () => void): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  ref?(): void;
  unref?(): void;
  release?: (destroy?: unknown) => void;
  readonly connection?: PgWire | undefined;
  readonly processID?: number | null;
  readonly secretKey?: number | null;
  readonly host?: string;
  readonly port?: number;
  readonly ssl?: unknown;
  /** `false` while an answer is outstanding. */
  readonly readyForQuery?: boolean;
  readonly _queryQueue?: readonly unknown[];
  /** Its name before 8.17. */
  readonly queryQueue?: readonly unknown[];
  /** Sent ahead, in pipeline mode. */
  readonly _sentQueryQueue?: readonly unknown[];
  readonly _queryable?: boolean;
  readonly _ending?: boolean;
}

/** The wire underneath: https://www.postgresql.org/docs/current/protocol-message-formats.html */
export interface PgWire extends EventEmitter {
  readonly stream: Socket;
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/** What makes clients: pg's own class, pg-native's, or one that the program gave. */
export type PgClientClass = new (options: object) => PgClient;

/** Whether statements are under way or waiting. */
export function isBusy(client: PgClient): boolean {
  // Looked up by its old name only where there is no new one, since it warns that it is old.
  const waiting = client._queryQueue ?? client.queryQueue ?? [];
  return client.readyForQuery === false || waiting.length > 0 || (client._sentQueryQueue?.length ?? 0) > 0;
}

/** Whether it may be given another statement. Costs nothing, asks nobody. */
export function isSound(client: PgClient): boolean {
  if (client._queryable === false || client._ending === true) return false;
  const stream = client.connection?.stream;
  return (
    stream === undefined || (!stream.destroyed && stream.readable !== false && stream.writable !== false)
  );
}

/** Calls `then` when nothing is under way any more, or the connection is gone. */
export function whenQuiet(client: PgClient, then: () => void): void {
  if (!isBusy(client) || !isSound(client) || client.once === undefined) {
    then();
    return;
  }
  const settle = (): void => {
    if (isBusy(client) && isSound(client)) return;
    for (const event of EVENTS) client.off?.(event, settle);
    then();
  };
  for (const event of EVENTS) client.on(event, settle);
}

/** `drain`: all is answered. The others: nothing will be. */
const EVENTS = ["drain", "end", "error"] as const;
