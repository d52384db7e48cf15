import { Readable } from "node:stream";
import type { RequestScope } from "../../base/request.ts";

/**
 * Lets a body be made in the request's context, whoever reads it: a generator goes on in the context of the one who asks for its next
 * value, and that is a server that knows of no request.
 *
 * @returns what is to be sent in its place; `body` itself, where nothing of it is yet to be made
 */
export function madeInside(body: unknown, scope: RequestScope): unknown {
  if (body instanceof Readable) {
    const { _read } = body;
    body._read = (size) => scope.run(() => Reflect.apply(_read, body, [size]));
    return body;
  }
  if (body instanceof Response && body.body !== null) return new Response(readInside(body.body, scope), body);
  return body instanceof ReadableStream ? readInside(body, scope) : body;
}

function readInside<Part>(stream: ReadableStream<Part>, scope: RequestScope): ReadableStream<Part> {
  const reader = stream.getReader();
  return new ReadableStream<Part>(
    {
      async pull(controller) {
        const { done, value } = await scope.run(() => reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
