/** Makes an object of a row's values, which come in the order of its columns. */
export type RowMaker = (values: readonly unknown[]) => Record<string, unknown>;

/** A list of columns that comes for so many answers is one of a statement that is run again and again. */
const OFTEN = 8;
/** An object with more keys than this is kept in another way by the engine, so there is nothing to gain. */
const MOST = 100;

interface Known {
  answers: number;
  make: RowMaker | undefined;
}

/** What is known of lists of columns; a kept statement gives the same list each time. */
const known = new WeakMap<readonly string[], Known>();
/** What was asked for last: programs run the same statement many times in a row. */
let lastColumns: readonly string[] | undefined;
let lastMaker: RowMaker | undefined;

/**
 * What makes the rows of one answer. For columns that come often that is a function written for them, in which each name stands where the
 * engine can see it: to set a key that it does not know beforehand costs it more than all else about a small row. See
 * docs/decisions/0012-rows-by-written-functions.md.
 */
export function rowMaker(columns: readonly string[]): RowMaker {
  if (columns === lastColumns && lastMaker !== undefined) return lastMaker;
  let found = known.get(columns);
  if (found === undefined) {
    found = { answers: 0, make: undefined };
    known.set(columns, found);
  }
  if (found.make === undefined) {
    if (++found.answers < OFTEN) return keyByKey(columns);
    found.make = columns.length > MOST ? keyByKey(columns) : (written(columns) ?? keyByKey(columns));
  }
  lastColumns = columns;
  lastMaker = found.make;
  return found.make;
}

/** Where several columns have one name, the last one's value counts, at the place of the first. */
function keyByKey(columns: readonly string[]): RowMaker {
  return (values) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < columns.length; i++) setKey(row, columns[i] as string, values[i]);
    return row;
  };
}

function setKey(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") row[name] = value;
  // Assigned, it would be what the row inherits from.
  else Object.defineProperty(row, name, { value, configurable: true, enumerable: true, writable: true });
}

/** `undefined` where a program takes no code that is made while it runs, as with `--disallow-code-generation-from-strings`. */
function written(columns: readonly string[]): RowMaker | undefined {
  // Names are written as strings, so whatever they hold is a name; in brackets `__proto__` is one like any other.
  const keys = columns.map((name, i) => `[${JSON.stringify(name)}]: values[${i}]`);
  try {
    return new Function("values", `return { ${keys.join(", ")} };`) as RowMaker;
  } catch {
    return undefined;
  }
}
