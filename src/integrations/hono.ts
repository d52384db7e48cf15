import type { IncomingMessage, ServerResponse } from "node:http";
import { type RequestScope, requests } from "../base/request.ts";
import type { Database } from "../index.ts";
import { followed } from "./web/body.ts";
import { type ConnectionOptions, readTerms } from "./web/terms.ts";
import { watch } from "./web/watch.ts";

export type { ConnectionOptions, TransactionTerms } from "./web/terms.ts";

/** What is used of Hono's context. */
export interface Context {
  readonly req: { readonly raw: Request };
  readonly env: unknown;
  readonly error: Error | undefined;
  res: Response;
}

/** A middleware, as Hono takes it. */
export type Middleware = (c: Context, next: () => Promise<void>) => Promise<void>;

/**
 * Gives each request a connection of its own, from its first statement to its end: `app.use(connection(db))`. The connection is
 * given back when the response has ended or its client is gone; a request without a statement takes none. Whatever is mounted
 * before it runs outside. That a client has gone is told by the request's `signal`, or by the response's stream being cancelled;
 * with `@hono/node-server` by the connection itself.
 *
 * With `transaction`, it is committed when the handler has returned, so that a failure goes to `onError`; where the body is a
 * stream, before that ends, and a failure cuts the response off.
 *
 * @throws OptionError where an option does not exist or does not fit
 */
export function connection(db: Database, options: ConnectionOptions = {}): Middleware {
  const terms = readTerms(db, options);
  return async (c, next) => {
    const { scope, isNew } = db[requests](terms);
    const server = nodeServer(c.env);
    if (isNew) {
      if (server !== undefined) watch(scope, server.incoming, server.outgoing);
      else listen(scope, c.req.raw.signal);
    }
    try {
      await scope.run(next);
      if (!isNew && terms.transaction === undefined) return;
      if (terms.transaction !== undefined && (c.error !== undefined || c.res.status >= terms.rollbackFrom)) {
        await scope.rollBack();
      }
      const finish = async (): Promise<void> => {
        try {
          if (terms.transaction !== undefined) await scope.commit();
        } finally {
          if (isNew) await scope.end("done");
        }
      };
      c.res = await followed(c.res, c.req.raw.method, scope, finish);
    } catch (error) {
      await scope.rollBack();
      if (isNew) await scope.end("done");
      throw error;
    }
  };
}

interface NodeServer {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** The request and response of `@hono/node-server`, which tell better when a client has gone. */
function nodeServer(env: unknown): NodeServer | undefined {
  const found = typeof env === "object" && env !== null && "incoming" in env && "outgoing" in env;
  return found ? (env as NodeServer) : undefined;
}

function listen(scope: RequestScope, signal: AbortSignal): void {
  const gone = (): void => void scope.end("gone");
  if (signal.aborted) gone();
  else signal.addEventListener("abort", gone, { once: true });
}
