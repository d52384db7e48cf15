import type { FastifyPluginCallback, FastifyReply } from "fastify";
import type { Database } from "../index.ts";
import { type Answering, answering } from "./web/answer.ts";
import { type ConnectionOptions, readTerms } from "./web/terms.ts";

export type { ConnectionOptions, TransactionTerms } from "./web/terms.ts";

/**
 * Gives each request a connection of its own, from its first statement to its end: `app.register(connection(db))`. The connection is
 * given back when the response has ended or its client is gone; a request without a statement takes none. It holds for the routes
 * of the instance that it is registered on, and of those further in.
 *
 * With `transaction`, it is committed after all `onSend` hooks, just before the response is sent. Where that fails, Fastify's error handler
 * answers; where a part of the response was sent already, it is cut off.
 *
 * @throws OptionError where an option does not exist or does not fit
 */
export function connection(db: Database, options: ConnectionOptions = {}): FastifyPluginCallback {
  const terms = readTerms(db, options);
  const plugin: FastifyPluginCallback = (fastify, _options, done) => {
    fastify.addHook("onRequest", (request, reply, next) => {
      const answer = (error: unknown): void => void reply.send(error);
      const its = answering(db, terms, request.raw, reply.raw, answer);
      if (terms.transaction !== undefined) noticeErrors(reply, its);
      its.scope.run(next);
    });
    done();
  };
  // What fastify-plugin says too: the hook is for the instance on which this is registered, and not for a new one inside of it.
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "apocryphan",
    [Symbol.for("plugin-meta")]: { name: "apocryphan", fastify: "5.x" },
  });
}

/** An error handler may answer an error with any status. That there was one shows in what Fastify sends first. */
function noticeErrors(reply: FastifyReply, its: Answering): void {
  const { send } = reply;
  reply.send = (payload?: unknown) => {
    if (payload instanceof Error) its.failed = true;
    return Reflect.apply(send, reply, [payload]);
  };
}
