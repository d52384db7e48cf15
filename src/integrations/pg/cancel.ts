import type { PgClient, PgWire } from "./client.ts";

/**
 * Asks the server to stop what `client` has under way, over a connection of its own, and calls `then` when that was
 * delivered or `ms` milliseconds have passed: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function cancel(client: PgClient, ms: number, then: () => void): void {
  const { processID, secretKey, host, port, ssl, connection } = client;
  if (!connection || !processID || !secretKey || !host || !port) {
    then();
    return;
  }
  // The class of the client's own connection, so that this works with whichever pg it comes from.
  const Wire = connection.constructor as new (config: { ssl: unknown }) => PgWire;
  const wire = new Wire({ ssl });
  const timer = setTimeout(() => wire.stream.destroy(), ms);
  // The server closes the connection once it has delivered the signal.
  wire.once("end", () => {
    clearTimeout(timer);
    then();
  });
  wire.on("error", () => wire.stream.destroy());
  const send = (): void => wire.cancel(processID, secretKey);
  wire.on("connect", () => (ssl ? wire.requestSsl() : send()));
  wire.on("sslconnect", send);
  if (host.startsWith("/")) wire.connect(`${host}/.s.PGSQL.${port}`);
  else wire.connect(port, host);
}
