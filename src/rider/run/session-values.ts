import { mentionsOf, type Needs, type Span } from "../read/ties.ts";
import type { SessionValues } from "./intent.ts";
import { dialectOf, type Session } from "./session.ts";

const quoted = (name: string): string => dialectOf("mysql").quoteIdentifier(name);

/**
 * What the statements behind the one at `index` ask of MySQL's session that was there before: variables, and the last key. `undefined` where
 * they ask nothing.
 */
export async function sessionValues(
  session: Session,
  { variables, key }: Needs,
  index: number,
): Promise<SessionValues | undefined> {
  const isNeeded = ({ first, last }: Span): boolean => first <= index && index < last;
  const names = [...variables].filter(([, span]) => isNeeded(span)).map(([name]) => name);
  const withKey = key !== undefined && isNeeded(key);
  if (names.length === 0 && !withKey) return undefined;
  const asked = names.map((name, i) => `@${quoted(name)} as v${i}`);
  const [row = {}] = await session.select(
    `select ${[...asked, ...(withKey ? ["last_insert_id() as k"] : [])].join(", ")}`,
  );
  const values = Object.fromEntries(names.map((name, i) => [name, row[`v${i}`]]));
  return withKey ? { variables: values, key: row.k } : { variables: values };
}

/** Gives a new session what the lost one held. */
export async function restoreValues(session: Session, values: SessionValues | undefined): Promise<void> {
  if (values === undefined) return;
  const { literal } = dialectOf("mysql");
  const set = Object.entries(values.variables).map(([name, value]) => `@${quoted(name)} = ${literal(value)}`);
  if (set.length > 0) await session.sql(`set ${set.join(", ")}`);
  if (values.key !== undefined && values.key !== null)
    await session.sql(`do last_insert_id(${literal(values.key)})`);
}

/**
 * What the catalog is asked about for an `execute` of MySQL's: also the text that it runs, which was prepared by one of the `earlier` statements or
 * stands in a string or a variable.
 */
export async function executedText(
  session: Session,
  sql: string,
  earlier: readonly string[],
): Promise<string> {
  const [, name] = mentionsOf(sql, "mysql").words;
  const prepared = earlier.findLast((text) => {
    const [verb, what] = mentionsOf(text, "mysql").words;
    return verb === "prepare" && what === name;
  });
  const texts = [sql, prepared ?? ""];
  const variables = new Set(texts.flatMap((text) => [...mentionsOf(text, "mysql").variables]));
  for (const variable of variables) {
    const [row] = await session.select<{ v: unknown }>(`select @${quoted(variable)} as v`);
    if (typeof row?.v === "string") texts.push(row.v);
  }
  // Only the names in it count, and quotes would hide them.
  return [sql, ...texts.map((text) => text.replaceAll(/['"`#\\]|--|\/\*|\*\//g, " "))].join("\n");
}
