import { afterTurn } from "../../base/turn.ts";
import { cancel } from "./cancel.ts";
import { isBusy, isSound, type PgClient } from "./client.ts";

/** Milliseconds that a client is given to end; then its socket is destroyed. */
const PATIENCE = 10_000;

/**
 * Ends a client, and calls `then` when the connection is closed. What is still under way is stopped on the server first,
 * where it would go on, and hold its connection, without anybody to read the answer.
 */
export function endClient(client: PgClient, then: () => void): void {
  let over = false;
  const timer = setTimeout(() => {
    client.connection?.stream.destroy();
    settle();
  }, PATIENCE);
  const settle = (): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    then();
  };
  const end = (): void => {
    client.end(settle);
  };
  if (!isBusy(client) || !isSound(client)) {
    end();
    return;
  }
  // After an error the end of the answer is usually read in the same turn; then there is nothing to stop.
  afterTurn(() => (isBusy(client) && isSound(client) ? cancel(client, PATIENCE, end) : end()));
}
