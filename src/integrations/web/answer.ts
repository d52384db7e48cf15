import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type RequestScope, requests } from "../../base/request.ts";
import type { Database } from "../../index.ts";
import { holdEnd } from "./hold-end.ts";
import type { Terms } from "./terms.ts";
import { watch } from "./watch.ts";

/** A request that is being answered. */
export interface Answering {
  readonly scope: RequestScope;
  /** Set where the request has failed, whatever status its response has. */
  failed: boolean;
}

/**
 * Begins a request on a `node:http` or `node:http2` server: gives it a context of its own that lasts until the response has ended or
 * the client has gone away. Where the request has one on this database already (the middleware is mounted twice), that goes on.
 *
 * @param answer answers with an error, where the transaction could not be committed and nothing was sent yet
 */
export function answering(
  db: Database,
  terms: Terms,
  req: IncomingMessage,
  res: ServerResponse,
  answer: (error: unknown) => void,
): Answering {
  const { scope, isNew } = db[requests](terms);
  const answering: Answering = { scope, failed: false };
  if (isNew) {
    watch(scope, req, res);
    stayInside(scope, req);
    stayInside(scope, res);
  }
  if (terms.transaction !== undefined) {
    holdEnd(res, {
      pending: () => scope.pending,
      settle: (status) =>
        answering.failed || status >= terms.rollbackFrom ? scope.rollBack() : scope.commit(),
      failed: (error) => scope.run(() => answer(error)),
    });
  }
  return answering;
}

/**
 * Lets an emitter's listeners run in the request's context. What a socket does is nobody's in particular, so a body parser's callback, or
 * a stream that goes on when the response has drained, would otherwise find itself outside.
 */
function stayInside(scope: RequestScope, emitter: EventEmitter): void {
  const { emit } = emitter;
  emitter.emit = (...args: Parameters<typeof emit>): boolean =>
    scope.run(() => Reflect.apply(emit, emitter, args));
}
