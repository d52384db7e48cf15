import type { Connection, Reset } from "../driver/driver.ts";
import { DriverMissingError } from "../driver/errors.ts";
import type { Resource } from "../pool/resource.ts";

/**
 * What the pool needs to know about connections.
 *
 * @param local whether they live in this thread
 * @param died is told of each that died by itself, before the pool is
 */
export function connectionResource(
  open: (signal: AbortSignal) => Promise<Connection>,
  level: Reset,
  local: boolean,
  died: (connection: Connection, cause: Error) => void = () => {},
): Resource<Connection> {
  return {
    open,
    local,
    lasting: (error) => error instanceof DriverMissingError,
    close: (connection) => connection.close(),
    usable: (connection) => connection.standing !== "lost",
    check: (connection) =>
      connection.ping().then(
        () => true,
        () => false,
      ),
    shares: (connection) => connection.shares,
    reset: (connection) => connection.reset(level),
    onLost: (connection, lost) =>
      connection.onLost((cause) => {
        died(connection, cause);
        lost(cause);
      }),
  };
}
