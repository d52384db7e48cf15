/** Asked of a module, it says that the module is one of these. From the registry, since a program may have loaded this package twice. */
const OURS = Symbol.for("apocryphan.mysql2.mirror");

/** What asks for these asks any object, and is no reason to load anything. */
const ASKED_OF_ALL = ["then", "__esModule", "toJSON"];

/**
 * Everything that a module of mysql2's exports, with `own` in place of its own: for programs that have one object for it all.
 * The module is loaded when something else of it is first used.
 */
export function mirrorOf<Module extends object, Own extends object>(
  load: () => Module,
  own: Own,
): Omit<Module, keyof Own> & Own {
  const others = (name: string | symbol): boolean =>
    typeof name === "string" && !Object.hasOwn(own, name) && !ASKED_OF_ALL.includes(name);
  return new Proxy(own as Omit<Module, keyof Own> & Own, {
    get: (target, name) => name === OURS || Reflect.get(others(name) ? load() : target, name),
    has: (target, name) => Reflect.has(target, name) || (others(name) && Reflect.has(load(), name)),
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(load())])],
    getOwnPropertyDescriptor: (target, name) => {
      const source = others(name) ? load() : target;
      const found = Reflect.getOwnPropertyDescriptor(source, name);
      // As something of the object's own, which may be a getter there and is a value here.
      return (
        found && { value: Reflect.get(source, name), enumerable: true, configurable: true, writable: true }
      );
    },
  });
}

/** Whether a module is not mysql2's but made here. */
export function isOurs(module: object): boolean {
  return Reflect.get(module, OURS) === true;
}

/** A function of mysql2's that is looked up when it is called. */
export function later<Module extends object, Name extends keyof Module>(
  load: () => Module,
  name: Name,
): Module[Name] {
  const call = (...args: unknown[]): unknown => Reflect.apply(load()[name] as () => unknown, undefined, args);
  return call as unknown as Module[Name];
}
