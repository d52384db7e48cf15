import { EventEmitter } from "node:events";

/**
 * Makes what is made with `own` count as an instance of `theirs` too, by its prototypes: some programs recognise a pool by
 * `instanceof` pg's own class. Changes nothing where it is one already, as when pg's class is made from ours.
 */
export function countAs(own: { readonly prototype: object }, theirs: unknown): void {
  if (typeof theirs !== "function") return;
  const { prototype } = theirs;
  if (!(prototype instanceof EventEmitter) || prototype === own.prototype) return;
  if (descends(prototype, own.prototype) || descends(own.prototype, prototype)) return;
  Object.setPrototypeOf(own.prototype, prototype);
}

function descends(object: object, from: object): boolean {
  return Object.prototype.isPrototypeOf.call(from, object);
}
