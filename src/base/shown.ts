import { type InspectOptions, inspect } from "node:util";

/**
 * How something shows itself in logs, `inspect` and JSON: as `what` it tells of itself and no more. Behind a database object
 * lie the client libraries' own objects, which hold passwords and values.
 */
export abstract class Shown {
  /** What may be seen. */
  protected abstract shown(): Readonly<Record<string, unknown>>;

  /** @internal */
  toJSON(): unknown {
    return this.shown();
  }

  /** @internal */
  [inspect.custom](depth: number, options: InspectOptions): string {
    const { name } = this.constructor;
    return depth < 0 ? `[${name}]` : `${name} ${inspect(this.shown(), options)}`;
  }
}
