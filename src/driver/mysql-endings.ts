/*
 * MySQL and MariaDB go on with a statement whose connection is gone until it is done, and keep its session as long; and of a
 * network that broke they may hear later than the client. So the session is ended over a second connection, and its place is
 * taken until the server has it no more.
 */

/** A second connection to the server, for a word about another. It ends by itself when the time it was given is over. */
export interface Messenger {
  /** Rows as arrays. */
  ask(sql: string): Promise<unknown[][]>;
  /** Settles when it is closed. */
  leave(): Promise<void>;
}

/** A session that is to be ended. */
export interface Ending {
  /** Its number on the server. */
  readonly id: number;
  /** When it began, as `performance.now()` has it. */
  readonly openedAt: number;
  /** When its connection broke; `undefined` where that is still there. */
  readonly lostAt: number | undefined;
}

/** Opens a messenger that has so many milliseconds. */
export type Send = (limit: number) => Promise<Messenger>;

interface Open extends Ending {
  /** When nobody waits for it any more. */
  readonly until: number;
  /** `kill` was sent. */
  told: boolean;
  settle(gone: boolean): void;
}

/** Milliseconds between two looks at what the server still has: the first time, and at most. */
const LOOK = [5, 100] as const;
/** Milliseconds after which a second connection that failed is tried again: the first time, and at most. */
const RETRY = [50, 250] as const;
/** Milliseconds by which a time may be wrong of which the server counts whole seconds. */
const ROUNDING = 1000;

/** Those that are being ended, by where they are. */
const errands = new Map<string, Errand>();

/**
 * Ends a session, and settles when the server has it no more (`true`), when nothing listens where the server was, or after
 * `patience` milliseconds. All of one `place` share one messenger, so that a broken network is no reason for a storm of connects.
 */
export function endSession(place: string, session: Ending, send: Send, patience: number): Promise<boolean> {
  let errand = errands.get(place);
  if (errand === undefined) {
    errand = new Errand(() => errands.delete(place));
    errands.set(place, errand);
  }
  return errand.add(session, send, patience);
}

class Errand {
  readonly #over: () => void;
  readonly #open = new Set<Open>();
  #messenger: Messenger | undefined;
  #going = false;

  constructor(over: () => void) {
    this.#over = over;
  }

  add(session: Ending, send: Send, patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => open.settle(false), patience);
      const open: Open = {
        ...session,
        until: performance.now() + patience,
        told: false,
        settle: (gone) => {
          clearTimeout(timer);
          this.#open.delete(open);
          // A messenger that nobody waits for may be waiting for a server that is silent.
          if (this.#open.size === 0) void this.#messenger?.leave();
          resolve(gone);
        },
      };
      this.#open.add(open);
      if (!this.#going) void this.#go(send);
    });
  }

  async #go(send: Send): Promise<void> {
    this.#going = true;
    for (let pause: number = RETRY[0]; this.#open.size > 0; pause = Math.min(2 * pause, RETRY[1])) {
      try {
        const last = Math.max(...[...this.#open].map(({ until }) => until));
        this.#messenger = await send(Math.max(1, last - performance.now()));
        await this.#attend(this.#messenger);
      } catch (error) {
        // Nobody is there who could have a session.
        if (isNobody(error)) for (const open of this.#open) open.settle(false);
        else if (this.#open.size > 0) await rest(pause);
      } finally {
        const messenger = this.#messenger;
        this.#messenger = undefined;
        await messenger?.leave();
      }
    }
    this.#going = false;
    this.#over();
  }

  async #attend(messenger: Messenger): Promise<void> {
    const server = await age(messenger);
    for (let pause: number = LOOK[0]; this.#open.size > 0; pause = Math.min(pause * 1.5, LOOK[1])) {
      const asked = [...this.#open];
      const list = await messenger.ask(
        `select id, time from information_schema.processlist where id in (${asked.map(({ id }) => id).join()})`,
      );
      const now = performance.now();
      for (const open of asked) {
        const row = list.find(([id]) => Number(id) === open.id);
        // A server that was started anew has forgotten the session, and gives its number to somebody else.
        if (row === undefined || open.openedAt < server.startedAfter) open.settle(true);
        else if (!open.told && isCertain(open, row, server, now)) {
          open.told = true;
          // Ended by itself meanwhile, perhaps.
          await messenger.ask(`kill ${open.id}`).catch(() => {});
        }
      }
      if (this.#open.size > 0) await rest(pause);
    }
  }
}

/** Between when and when a server was started. */
interface Age {
  readonly startedAfter: number;
  readonly startedBefore: number;
}

/** The server said how old it was at some moment between question and answer, which may have been long under way. */
async function age(messenger: Messenger): Promise<Age> {
  const askedAt = performance.now();
  const [status] = await messenger.ask("show global status like 'Uptime'");
  const uptime = Number(status?.[1]) * 1000;
  return { startedAfter: askedAt - uptime - ROUNDING, startedBefore: performance.now() - uptime };
}

/**
 * Whether what the server has under a number is the session that is meant: the server is older than it, and what it does now
 * it has been doing since before the connection broke. One of which that is not certain is waited for, and not ended.
 */
function isCertain(open: Ending, [, time]: unknown[], { startedBefore }: Age, now: number): boolean {
  if (open.lostAt === undefined) return true;
  return startedBefore + ROUNDING <= open.openedAt && Number(time) * 1000 + ROUNDING >= now - open.lostAt;
}

function isNobody(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  return code === "ECONNREFUSED" || code === "ENOENT";
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
