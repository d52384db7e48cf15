/**
 * Gives an object properties of its own, over those it has.
 *
 * @returns puts back what was there
 */
export function shadow(object: object, properties: Readonly<Record<string, PropertyDescriptor>>): () => void {
  const before = Object.keys(properties).map(
    (name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const,
  );
  for (const [name, descriptor] of Object.entries(properties)) {
    Object.defineProperty(object, name, { ...descriptor, configurable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, descriptor);
    }
  };
}
