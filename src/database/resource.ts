import type { Connection, Reset } from "../driver/driver.ts";
import { DriverMissingError } from "../driver/errors.ts";
import type { Resource } from "../pool/resource.ts";

/**
 * What the pool needs to know about connections.
 *
 * @param where whether they live in this thread, or share others
 * @param died is told of each that died by itself, before the pool is
 */
export function connectionResource(
  open: (signal: AbortSignal) => Promise<Connection>,
  level: Reset,
  where: { readonly local: boolean; readonly threads: boolean },
  died: (connection: Connection, cause: Error) => void = () => {},
): Resource<Connection> {
  return {
    open,
    local: where.local,
    lasting: (error) => error instanceof DriverMissingError,
    close: (connection) => connection.close(),
    usable: (connection) => connection.standing !== "lost",
    check: (connection) =>
      connection.ping().then(
        () => true,
        () => false,
      ),
    // Asked with each loan, so only of those of which some share something.
    ...(where.threads ? { shares: (connection: Connection) => connection.shares } : {}),
    reset: (connection) => connection.reset(level),
    onLost: (connection, lost) =>
      connection.onLost((cause) => {
        died(connection, cause);
        lost(cause);
      }),
  };
}
