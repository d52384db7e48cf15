import { type Connection, createConnection } from "mysql2";
import { FACTS, type FaultServer, type ServerKind } from "../support.ts";

/** How many locks callers wait for, so that few wait for the same. */
const LOCKS = 20;

/**
 * A query that takes so many seconds. On MariaDB it waits for a lock that somebody else holds: those that sleep there take one
 * mutex of the whole server twice each, and where there is little processor time to be had they, and the `KILL` that is to end
 * them, stand in its line for longer than any patience of the pool's.
 */
export function waitFor(kind: ServerKind, seconds: number, caller: number): string {
  if (kind === "postgresql") return FACTS[kind].sleep(seconds);
  return `select get_lock('chaos ${caller % LOCKS}', ${seconds})`;
}

/** Holds what `waitFor` waits for, also after the server was started anew. */
export function holdLocks(kind: ServerKind, { url }: FaultServer): Disposable {
  let over = false;
  let holder: Connection | undefined;
  let timer: NodeJS.Timeout | undefined;
  const names = Array.from({ length: LOCKS }, (_, i) => `get_lock('chaos ${i}', 0)`);
  const hold = (): void => {
    const connection = createConnection(url);
    holder = connection;
    const again = (error: Error | null): void => {
      if (error === null) return;
      connection.destroy();
      clearTimeout(timer);
      if (!over) timer = setTimeout(hold, 50);
    };
    connection.on("error", again);
    connection.query(`select ${names.join()}`, again);
  };
  if (kind === "mysql") hold();
  return {
    [Symbol.dispose]() {
      over = true;
      clearTimeout(timer);
      holder?.destroy();
    },
  };
}
