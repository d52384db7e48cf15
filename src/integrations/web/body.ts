import type { RequestScope } from "../../base/request.ts";

/** A response that is still being made after its handler has returned, or is whole. */
type Read = {
  readonly chunks: Bytes[];
  readonly whole: boolean;
  readonly reading?: Promise<Chunk>;
};
type Bytes = Uint8Array<ArrayBuffer>;
type Chunk = Awaited<ReturnType<Reader["read"]>>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** How many chunks are read ahead to find out whether a body is whole. A text is one, and the end. */
const AHEAD = 4;

/**
 * Sees a response to its end, where there is no server to ask for it. A body that is there at once, as a text is, is taken as it is, and
 * `finish` comes before the response is sent; one that is made while it is sent is followed, and `finish` comes before its end.
 *
 * @param finish commits and gives back; where it throws, so does this, or the body is cut off where a part was sent already
 */
export async function followed(
  response: Response,
  method: string,
  scope: RequestScope,
  finish: () => Promise<void>,
): Promise<Response> {
  const { body } = response;
  if (body === null || method === "HEAD") {
    // Nobody will read it.
    await body?.cancel();
    await finish();
    return response;
  }
  const reader = body.getReader();
  const read = await readAhead(reader, scope);
  if (read.whole) {
    await finish();
    return new Response(bytesOf(read.chunks), response);
  }
  return new Response(following(reader, read, scope, finish), response);
}

async function readAhead(reader: Reader, scope: RequestScope): Promise<Read> {
  const chunks: Bytes[] = [];
  const soon = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 0));
  while (chunks.length < AHEAD) {
    const reading: Promise<Chunk> = scope.run(() => reader.read());
    const chunk = await Promise.race([reading, soon]);
    if (chunk === undefined) {
      // Whoever goes on reading hears of its failure.
      reading.catch(() => {});
      return { chunks, whole: false, reading };
    }
    if (chunk.done) return { chunks, whole: chunks.every((one) => one instanceof Uint8Array) };
    chunks.push(chunk.value);
  }
  return { chunks, whole: false };
}

function following(
  reader: Reader,
  { chunks, reading }: Read,
  scope: RequestScope,
  finish: () => Promise<void>,
): ReadableStream<Bytes> {
  let next = reading;
  return new ReadableStream(
    {
      async pull(controller) {
        const ahead = chunks.shift();
        if (ahead !== undefined) return controller.enqueue(ahead);
        try {
          const chunk = await (next ?? scope.run(() => reader.read()));
          next = undefined;
          if (!chunk.done) return controller.enqueue(chunk.value);
          await finish();
          controller.close();
        } catch (error) {
          // A response that is not whole is as good as one that nobody gets.
          await scope.end("gone");
          throw error;
        }
      },
      async cancel(reason) {
        await scope.end("gone");
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function bytesOf(chunks: readonly Bytes[]): Bytes {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
