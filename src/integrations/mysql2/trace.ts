import { tracingChannel } from "node:diagnostics_channel";
import type { GotConnection, HostConnectionConfig } from "./host.ts";

/** Where mysql2 tells of callers who ask its pool for a connection: https://sidorares.github.io/node-mysql2/docs/documentation/tracing-channels */
const channel = tracingChannel("mysql2:pool:connect");

/** Calls `get`, and tells of it as mysql2's own pool does; of nothing while nobody listens. */
export function traced(
  { host = "localhost", port = 3306, socketPath, database = "" }: HostConnectionConfig,
  get: (callback: GotConnection) => void,
  callback: GotConnection,
): void {
  if (!channel.hasSubscribers) {
    get(callback);
    return;
  }
  const server = socketPath
    ? { serverAddress: socketPath, serverPort: undefined }
    : { serverAddress: host, serverPort: port };
  channel.traceCallback(get, 0, { database, ...server }, undefined, callback);
}
