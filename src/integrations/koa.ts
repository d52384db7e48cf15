import type { IncomingMessage, ServerResponse } from "node:http";
import type { Database } from "../index.ts";
import { answering } from "./web/answer.ts";
import { madeInside } from "./web/inside.ts";
import { type ConnectionOptions, readTerms } from "./web/terms.ts";

export type { ConnectionOptions, TransactionTerms } from "./web/terms.ts";

/** What is used of Koa's context. */
export interface Context {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly status: number;
  body: unknown;
  readonly respond?: boolean | undefined;
  onerror(error: Error): void;
}

/** A middleware, as Koa takes it. */
export type Middleware = (ctx: Context, next: () => Promise<unknown>) => Promise<void>;

/**
 * Gives each request a connection of its own, from its first statement to its end: `app.use(connection(db))`. The connection is
 * given back when the response has ended or its client is gone; a request without a statement takes none. Whatever is mounted
 * before it runs outside.
 *
 * With `transaction`, it is committed when the middleware further in has returned, so that a failure is thrown to those further out; where
 * the body is a stream, when that has ended, and a failure cuts the response off.
 *
 * @throws OptionError where an option does not exist or does not fit
 */
export function connection(db: Database, options: ConnectionOptions = {}): Middleware {
  const terms = readTerms(db, options);
  return async (ctx, next) => {
    const { scope } = answering(db, terms, ctx.req, ctx.res, (error) => ctx.onerror(asError(error)));
    try {
      await scope.run(next);
    } catch (error) {
      if (terms.transaction !== undefined) await scope.rollBack();
      throw error;
    }
    const { body } = ctx;
    const sent = madeInside(body, scope);
    if (sent !== body) ctx.body = sent;
    if (terms.transaction === undefined) return;
    if (ctx.status >= terms.rollbackFrom) await scope.rollBack();
    else if (ctx.respond !== false && !isFlowing(body)) await scope.commit();
  };
}

/** Whether a body is read while it is sent, so that its statements are yet to come. */
function isFlowing(body: unknown): boolean {
  if (typeof body !== "object" || body === null) return false;
  return "pipe" in body || "getReader" in body || body instanceof Response;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
