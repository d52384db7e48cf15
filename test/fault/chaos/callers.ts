import { ConnectionClosedError } from "apocryphan";
import type { FaultPool, ServerKind } from "../support.ts";
import { waitFor } from "./waits.ts";

/** What a caller may be told while everything breaks. Anything else is a fault of ours. */
const ALLOWED = new Set([
  "ConnectionLostError",
  "MaxConnectionsExceededError",
  "AbortError",
  "StatementTimeoutError",
  "PoolClosedError",
]);

/** What all callers together have lived through. */
export class Ledger {
  asked = 0;
  answered = 0;
  done = 0;
  readonly refused: Record<string, number> = {};
  /** Broken promises. */
  readonly faults: string[] = [];
  /** Who holds which connection. */
  readonly #holders = new Map<unknown, number>();
  /** What each caller is at, for the report of one that gets no answer. */
  readonly doing = new Map<number, string>();
  /** Keys of pairs of rows: committed for certain, rolled back for certain. */
  readonly committed: number[] = [];
  readonly rolledBack: number[] = [];
  #key = 0;

  nextKey(): number {
    return ++this.#key;
  }

  hold(raw: unknown, caller: number): void {
    const other = this.#holders.get(raw);
    if (other !== undefined)
      this.faults.push(`caller ${caller} got the connection that caller ${other} holds`);
    this.#holders.set(raw, caller);
  }

  let(raw: unknown): void {
    this.#holders.delete(raw);
  }

  fault(what: string, error: unknown): void {
    this.faults.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

/** One thing that a caller may do. */
type Deed = (
  db: FaultPool,
  kind: ServerKind,
  ledger: Ledger,
  caller: number,
  chance: () => number,
) => Promise<unknown>;

const LIMIT = { timeout: "2s" } as const;

const DEEDS: readonly Deed[] = [
  // A scope with a few statements, alone on its connection.
  (db, _kind, ledger, caller) =>
    db.withConnection(async ({ raw }) => {
      ledger.hold(raw, caller);
      try {
        for (let i = 0; i < 3; i++) await db.get("select 1 as one", LIMIT);
      } finally {
        ledger.let(raw);
      }
    }),
  // A statement by itself.
  (db) => db.get("select 1 as one", LIMIT),
  // One that takes a while.
  (db, kind, _ledger, caller) => db.withConnection(() => db.select(waitFor(kind, 0.02, caller), LIMIT)),
  // One that takes too long, and one whose caller changes its mind.
  async (db, kind, _ledger, caller) => {
    const slow = db.withConnection(() => db.select(waitFor(kind, 1, caller), { timeout: "50ms" }));
    await slow.catch((error: Error) => {
      if (error.name !== "StatementTimeoutError") throw error;
    });
  },
  async (db, kind, _ledger, caller) => {
    const signal = AbortSignal.timeout(30);
    const slow = db.withConnection(() => db.select(waitFor(kind, 0.2, caller), { signal }), { signal });
    await slow.catch((error: Error) => {
      if (error.name !== "AbortError") throw error;
    });
  },
  // Two rows or none.
  async (db, _kind, ledger, _caller, chance) => {
    const key = ledger.nextKey();
    const give = chance() < 0.3;
    let through = false;
    const work = db.withConnection(() =>
      db.atomic(async () => {
        await db.sql(`insert into pairs values (${key}, 1)`, LIMIT);
        await db.sql(`insert into pairs values (${key}, 2)`, LIMIT);
        through = !give;
        if (give) throw new Error("on purpose");
      }),
    );
    await work.then(
      () => ledger.committed.push(key),
      (error: Error) => {
        // Whether a commit that got no answer took effect nobody knows.
        if (!through) ledger.rolledBack.push(key);
        if (error.message !== "on purpose") throw error;
      },
    );
  },
  // A mistake of the caller's, which is nobody else's business.
  async (db) => {
    await db.sql("insert into pairs values (0, 0)", LIMIT).catch((error: { kind?: string }) => {
      if (error.kind !== "unique") throw error;
    });
  },
  // The original's form, and a connection that is really closed.
  async (db, _kind, _ledger, _caller, chance) => {
    await db.context(async () => {
      await db.connect();
      try {
        await db.get("select 1 as one", LIMIT);
      } finally {
        await (chance() < 0.5 ? db.close() : db.manualClose());
      }
    });
  },
  // A cursor that is left early.
  (db) =>
    db.withConnection(async () => {
      for await (const _ of db.cursor("select 1 as one union all select 2", { ...LIMIT, batch: 1 })) break;
    }),
];

/** A caller that does one thing after the other until `over`. */
export async function call(
  db: FaultPool,
  kind: ServerKind,
  ledger: Ledger,
  caller: number,
  chance: () => number,
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const which = Math.floor(chance() * DEEDS.length);
    const deed = DEEDS[which] as Deed;
    ledger.asked++;
    ledger.doing.set(caller, `deed ${which}`);
    try {
      await deed(db, kind, ledger, caller, chance);
      ledger.done++;
    } catch (error) {
      const { name } = error as Error;
      ledger.refused[name] = (ledger.refused[name] ?? 0) + 1;
      // A scope whose connection was closed under it may find it closed at the end.
      if (!ALLOWED.has(name) && !(error instanceof ConnectionClosedError)) {
        ledger.fault(`caller ${caller}`, error);
      }
    }
    ledger.answered++;
    ledger.doing.delete(caller);
    await new Promise((resolve) => setTimeout(resolve, chance() * 5));
  }
}
