import type { IncomingMessage, ServerResponse } from "node:http";
import type { Database } from "../index.ts";
import { answering } from "./web/answer.ts";
import { type ConnectionOptions, readTerms } from "./web/terms.ts";

export type { ConnectionOptions, TransactionTerms } from "./web/terms.ts";

/** A middleware, as Express takes it, and everything else that has taken over its form. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * Gives each request a connection of its own, from its first statement to its end: `app.use(connection(db))`. The connection is
 * given back when the response has ended or its client is gone; a request without a statement takes none. Whatever is mounted
 * before it runs outside.
 *
 * With `transaction`, the end of the response is held back until the transaction was committed. Where that fails, Express's error handlers answer;
 * where a part of the response was sent already, it is cut off.
 *
 * @throws OptionError where an option does not exist or does not fit
 */
export function connection(db: Database, options: ConnectionOptions = {}): Middleware {
  const terms = readTerms(db, options);
  return (req, res, next) => {
    const { scope } = answering(db, terms, req, res, next);
    scope.run(next);
  };
}
