import { tracingChannel } from "node:diagnostics_channel";
import type { Origin } from "../base/origin.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { sanitized } from "../dialect/sanitize.ts";
import { type Summary, summarize } from "../dialect/summary.ts";
import type { Statement } from "../driver/driver.ts";

/**
 * What is told of a statement, to those who listen to the tracing channel `apocryphan:statement`
 * (https://nodejs.org/api/diagnostics_channel.html#tracingchannel-channels): `start` when it is called, `asyncEnd` when its
 * caller is answered. That covers the waiting for a connection, and for a cursor the whole of its loop. It holds no values.
 */
export class StatementEvent {
  /** Of the database object whose statement it is. */
  readonly origin: Origin;
  /** The statement as it is sent, with placeholders; what is written into the text itself is in it. */
  readonly text: string;
  /** How many parameters it has. */
  readonly parameters: number;
  /** Whether it is read through a cursor. */
  readonly cursor: boolean;
  /** From `asyncEnd` on: how many rows it gave or changed. */
  readonly result: number | undefined;
  /** From `asyncEnd` on: what it failed with. */
  readonly error: unknown;
  readonly #dialect: Dialect;

  constructor(origin: Origin, dialect: Dialect, statement: Statement, cursor: boolean) {
    this.origin = origin;
    this.text = statement.text;
    this.parameters = statement.values.length;
    this.cursor = cursor;
    this.#dialect = dialect;
  }

  /** What it does, in few words: `select contacts`. */
  get summary(): Summary {
    const known = knowledgeOf(this.text, this.#dialect);
    known.summary ??= summarize(this.text, this.#dialect.lexicon);
    return known.summary;
  }

  /** The text with `?` for each value that is written in it, without comments. */
  get sanitized(): string {
    const known = knowledgeOf(this.text, this.#dialect);
    known.sanitized ??= sanitized(this.text, this.#dialect);
    return known.sanitized;
  }
}

/** What was found out about a text; programs say the same few again and again. */
interface Knowledge {
  summary?: Summary;
  sanitized?: string;
}

const MOST_TEXTS = 1000;
const LONGEST_TEXT = 4000;
const known: Record<Dialect["name"], Map<string, Knowledge>> = {
  postgresql: new Map(),
  mysql: new Map(),
  sqlite: new Map(),
};

function knowledgeOf(text: string, dialect: Dialect): Knowledge {
  const texts = known[dialect.name];
  const found = texts.get(text);
  if (found !== undefined) return found;
  const fresh: Knowledge = {};
  if (text.length > LONGEST_TEXT) return fresh;
  if (texts.size >= MOST_TEXTS) texts.clear();
  texts.set(text, fresh);
  return fresh;
}

const channel = tracingChannel<unknown, StatementEvent>("apocryphan:statement");

/** Whether anybody listens. Where nobody does, this is all that a statement pays. */
export function heard(): boolean {
  // Bun's tracing channel does not say it of all its channels together.
  const { start, asyncEnd, error } = channel;
  return start.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers;
}

/** Tells of a statement while `run` runs it. */
export async function told<R extends { readonly rowCount: number }>(
  event: StatementEvent,
  run: () => Promise<R>,
): Promise<R> {
  let given: R | undefined;
  await channel.tracePromise(async () => {
    given = await run();
    // The rows are the caller's alone.
    return given.rowCount;
  }, event);
  return given as R;
}

/** Tells of a cursor, from its first row to the end of its loop. */
export async function* toldFlow<Row>(
  event: StatementEvent,
  flow: () => AsyncIterable<Row[]>,
): AsyncIterableIterator<Row[]> {
  let end: (count: number) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const over = new Promise<number>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  channel.tracePromise(() => over, event).catch(() => {});
  let count = 0;
  try {
    for await (const batch of flow()) {
      count += batch.length;
      yield batch;
    }
  } catch (error) {
    fail(error);
    throw error;
  } finally {
    end(count);
  }
}
