import type { PgError, PgWire } from "./pg-client.ts";

/** What is told of a client that somebody else uses. */
export interface Onlooker {
  /** A statement is being sent. */
  sent(text: string): void;
  /** The server has refused something. */
  refused(error: PgError): void;
}

/**
 * Tells what goes over a wire, whoever sends it: every statement goes by one of two methods, whatever query, cursor or
 * stream it is part of. Ends with the function that is returned.
 */
export function lookOn(wire: PgWire, { sent, refused }: Onlooker): () => void {
  const undo = [
    ahead(wire, "query", (text) => sent(text)),
    ahead(wire, "parse", ({ text }) => sent(text)),
    () => wire.off("errorMessage", refused),
  ];
  wire.on("errorMessage", refused);
  return () => {
    for (const each of undo) each();
  };
}

/** Calls `fn` with what one of the wire's methods is called with, before it is. */
function ahead<Name extends "query" | "parse">(
  wire: PgWire,
  name: Name,
  fn: (message: Parameters<PgWire[Name]>[0]) => void,
): () => void {
  const before = Object.getOwnPropertyDescriptor(wire, name);
  const method = wire[name] as (...given: unknown[]) => void;
  Object.defineProperty(wire, name, {
    configurable: true,
    writable: true,
    value: (...given: unknown[]) => {
      fn(given[0] as Parameters<PgWire[Name]>[0]);
      method.apply(wire, given);
    },
  });
  return () => {
    if (before === undefined) Reflect.deleteProperty(wire, name);
    else Object.defineProperty(wire, name, before);
  };
}
