import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import { nextTick } from "../../base/turn.ts";
import { shadow } from "./own.ts";

/** What has to happen before a response may end. */
export interface Before {
  /** Whether there is something to wait for. */
  pending(): boolean;
  /** Sees to it. @param status what the response says */
  settle(status: number): Promise<void>;
  /** Answers instead, where it failed and nothing was sent yet: the response is as it was when `holdEnd` was called. */
  failed(error: unknown): void;
}

type Args = readonly unknown[];

/** Node.js's own code, for what Node.js itself would say: https://nodejs.org/api/errors.html#err_http_headers_sent */
const HEADERS_SENT = "ERR_HTTP_HEADERS_SENT";

/**
 * Holds back the end of a response until something was seen to, so that no client hears of a success that did not happen. There is
 * no hook for that in `node:http`, so `end` and what else may send the headers are replaced on this one response. What is written before
 * the end is sent at once; where it can't be taken back and the thing fails, the response is cut off, and its client sees that it is
 * not whole. To everybody else a response whose end is held has ended: its headers count as sent.
 */
export function holdEnd(res: ServerResponse, before: Before): void {
  const original = { end: res.end, write: res.write, writeHead: res.writeHead, flush: res.flushHeaders };
  const headers = headersOf(res);
  /** What `writeHead` was called with, until it is sent. */
  let head: Args | undefined;
  let restore: (() => void) | undefined;
  let state: "open" | "held" | "let go" = "open";
  let written = false;
  // HTTP/2 has no words beside the status, and warns of whoever asks for them.
  const hasWords = res.req?.httpVersionMajor === 1;

  const call = (method: (...args: never[]) => unknown, args: Args): unknown =>
    Reflect.apply(method, res, args);
  const pretend = (properties: Record<string, PropertyDescriptor>): void => {
    restore?.();
    restore = shadow(res, properties);
  };
  const letGo = (): void => {
    state = "let go";
    restore?.();
    restore = undefined;
  };
  const sendHead = (): void => {
    if (head === undefined) return;
    const args = head;
    head = undefined;
    restore?.();
    restore = undefined;
    call(original.writeHead, args);
  };
  const answerInstead = (error: unknown): void => {
    if (res.headersSent) {
      res.destroy(error instanceof Error ? error : undefined);
      return;
    }
    head = undefined;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    for (const [name, value] of headers) res.setHeader(name, value);
    res.statusCode = 200;
    if (hasWords) res.statusMessage = "";
    before.failed(error);
  };
  const hold = async (args: Args): Promise<void> => {
    state = "held";
    const status = typeof head?.[0] === "number" ? head[0] : res.statusCode;
    const statusMessage = hasWords ? res.statusMessage : "";
    const isSent = (): never => {
      throw Object.assign(new Error("Cannot set headers after they are sent to the client"), {
        code: HEADERS_SENT,
      });
    };
    const changes = ["setHeader", "appendHeader", "setHeaders", "removeHeader"].filter((name) => name in res);
    pretend({
      ...Object.fromEntries(changes.map((name) => [name, { value: isSent }])),
      headersSent: { get: () => true },
      writableEnded: { get: () => true },
    });
    try {
      await before.settle(status);
    } catch (error) {
      letGo();
      answerInstead(error);
      return;
    }
    letGo();
    res.statusCode = status;
    if (statusMessage) res.statusMessage = statusMessage;
    sendHead();
    call(original.end, args);
  };

  Object.assign(res, {
    writeHead(...args: Args): unknown {
      if (state !== "open" || written || !before.pending()) return call(original.writeHead, args);
      head = args;
      pretend({ headersSent: { get: () => true } });
      return res;
    },
    write(...args: Args): unknown {
      if (state === "held") {
        const told = args.find((arg) => typeof arg === "function");
        if (told) nextTick(told as (error: Error) => void, new Error("write after end"));
        return false;
      }
      written = true;
      sendHead();
      return call(original.write, args);
    },
    flushHeaders(): void {
      written = true;
      if (head === undefined) call(original.flush, []);
      else sendHead();
    },
    end(...args: Args): unknown {
      if (state === "held") return res;
      if (state === "let go" || !before.pending()) {
        state = "let go";
        sendHead();
        return call(original.end, args);
      }
      void hold(args);
      return res;
    },
  });
}

function headersOf(res: ServerResponse): [string, OutgoingHttpHeader][] {
  return res.getHeaderNames().flatMap((name) => {
    const value = res.getHeader(name);
    return value === undefined ? [] : [[name, value] as [string, OutgoingHttpHeader]];
  });
}
