import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestScope } from "../../base/request.ts";

/** Ends the request when its response has ended, or its client is gone. */
export function watch(scope: RequestScope, req: IncomingMessage, res: ServerResponse): void {
  const { socket } = req;
  const gone = (): void => void scope.end("gone");
  if (res.destroyed || socket?.destroyed) {
    gone();
    return;
  }
  // http2 says "finish" of a response that was cut off too.
  res.once("finish", () => void scope.end(res.writableEnded ? "done" : "gone"));
  res.once("close", gone);
  // A pipelined request has not got its socket yet, and would not hear of its end.
  if (res.socket === null && socket !== null) {
    socket.once("close", gone);
    res.once("close", () => socket.off("close", gone));
  }
}
