import { channel, tracingChannel } from "node:diagnostics_channel";
import type { Registry } from "prom-client";
import client from "prom-client";
import { OptionError } from "../../base/error.ts";
import type { Database, Origin, StatementEvent } from "../../index.ts";
import type {
  AcquireEvent,
  ConnectEvent,
  PoolEvent,
  PoolMembers,
  PoolStats,
  ReleaseEvent,
} from "../../pool.ts";
import { COUNTERS, GAUGES, operationOf, STATES } from "./metrics.ts";

/** The labels that metrics have by themselves. */
export const LABELS: readonly string[] = ["pool", "state", "operation", "kind", "le", "quantile"];

type Labels = Readonly<Record<string, string>>;

/** A database object whose metrics are collected. */
interface Member {
  readonly origin: Origin;
  readonly labels: Labels;
  /** `undefined` without a pool. */
  readonly stats: (() => PoolStats) | undefined;
  /** Label sets of histograms and error counters that have been used, to be removed again. */
  readonly used: Map<string, { readonly metric: Removable; readonly labels: Labels }>;
}

interface Removable {
  remove(labels: Labels): void;
}

/** The metrics of one prefix in one register, for all database objects that are collected there. */
export class Collector {
  readonly #register: Registry;
  readonly #own: readonly string[];
  readonly #members = new Map<Origin, Member>();
  readonly #names: string[] = [];
  readonly #ends: (() => void)[] = [];

  constructor(register: Registry, prefix: string, own: readonly string[], buckets: readonly number[]) {
    this.#register = register;
    this.#own = [...own].sort();
    const named = (name: string, help: string, ...more: string[]) => {
      this.#names.push(prefix + name);
      return { name: prefix + name, help, labelNames: ["pool", ...own, ...more], registers: [register] };
    };
    const stats = (): [Member, PoolStats][] =>
      [...this.#members.values()].flatMap((member) => {
        const now = member.stats?.();
        return now === undefined ? [] : [[member, now] as [Member, PoolStats]];
      });
    const times = (name: string, help: string, ...more: string[]) =>
      new client.Histogram({ ...named(name, help, ...more), buckets: [...buckets] });

    new client.Gauge({
      ...named("pool_connections", "Connections of the pool, by what they are doing.", "state"),
      collect() {
        this.reset();
        for (const [{ labels }, now] of stats())
          for (const [state, field] of STATES) this.set({ ...labels, state }, now[field]);
      },
    });
    for (const { name, help, of } of GAUGES) {
      new client.Gauge({
        ...named(name, help),
        collect() {
          this.reset();
          for (const [{ labels }, now] of stats()) this.set({ ...labels }, now[of]);
        },
      });
    }
    for (const { name, help, of } of COUNTERS) {
      new client.Counter({
        ...named(name, help),
        // The pool counts by itself, from its start on.
        collect() {
          this.reset();
          for (const [{ labels }, now] of stats()) this.inc({ ...labels }, now[of]);
        },
      });
    }
    const connect = times("pool_connect_seconds", "How long it took to open a connection.");
    const wait = times("pool_wait_seconds", "How long callers waited until they were lent a connection.");
    const hold = times("pool_use_seconds", "How long connections were held until they came back.");
    const statement = times(
      "statement_seconds",
      "How long callers waited for a statement's answer.",
      "operation",
    );
    const failed = new client.Counter(
      named("statement_errors_total", "Statements that failed, by the kind of failure.", "kind"),
    );
    this.#hear<ConnectEvent>("connect", (member, { took, error }) => {
      if (error === undefined) connect.observe(use(member, connect, member.labels), took / 1000);
    });
    this.#hear<AcquireEvent>("acquire", (member, { waited }) =>
      wait.observe(use(member, wait, member.labels), waited / 1000),
    );
    this.#hear<ReleaseEvent>("release", (member, { held }) =>
      hold.observe(use(member, hold, member.labels), held / 1000),
    );
    this.#hearStatements((member, event, seconds) => {
      const operation = operationOf(event.summary.text);
      statement.observe(use(member, statement, member.labels, "operation", operation), seconds);
      if (event.error === undefined) return;
      failed.inc(use(member, failed, member.labels, "kind", kindOf(event.error)));
    });
  }

  /** Whether nothing is collected any more; it has then removed its metrics and is of no more use. */
  get empty(): boolean {
    return this.#members.size === 0;
  }

  /** Collects one more; gives what ends that. @throws OptionError */
  add(db: Database, labels: Labels): () => void {
    const { origin } = db;
    const names = Object.keys(labels).filter((name) => name !== "pool");
    if (names.sort().join() !== this.#own.join()) {
      throw new OptionError(
        "labels",
        `All database objects in one register have the same labels: it has ${this.#own.join(", ") || "none"}, and now came ${names.join(", ") || "none"}.`,
      );
    }
    const same = [...this.#members.values()].find((one) =>
      names.concat("pool").every((name) => one.labels[name] === labels[name]),
    );
    if (this.#members.has(origin) || same !== undefined) {
      throw new OptionError(
        "pool",
        `The register collects "${labels.pool}" already. Give the database object a name of its own, or "pool" or "labels" that differ.`,
      );
    }
    const stats = "stats" in db ? () => (db as Database & PoolMembers).stats() : undefined;
    const member: Member = { origin, labels, stats, used: new Map() };
    this.#members.set(origin, member);
    return () => this.#leave(member);
  }

  #leave(member: Member): void {
    if (this.#members.get(member.origin) !== member) return;
    this.#members.delete(member.origin);
    for (const { metric, labels } of member.used.values()) metric.remove(labels);
    if (!this.empty) return;
    for (const end of this.#ends) end();
    for (const name of this.#names) this.#register.removeSingleMetric(name);
  }

  #hear<E extends PoolEvent>(event: string, heard: (member: Member, event: E) => void): void {
    const subscriber = (message: unknown): void => {
      const { origin } = message as E;
      const member = origin === undefined ? undefined : this.#members.get(origin);
      if (member !== undefined) heard(member, message as E);
    };
    const events = channel(`apocryphan:pool:${event}`);
    events.subscribe(subscriber);
    this.#ends.push(() => events.unsubscribe(subscriber));
  }

  #hearStatements(heard: (member: Member, event: StatementEvent, seconds: number) => void): void {
    const began = new WeakMap<StatementEvent, number>();
    const nothing = (): void => {};
    const subscribers = {
      start: (event: StatementEvent) => void began.set(event, performance.now()),
      end: nothing,
      asyncStart: nothing,
      asyncEnd: (event: StatementEvent) => {
        const member = this.#members.get(event.origin);
        const from = began.get(event);
        if (member === undefined || from === undefined) return;
        heard(member, event, (performance.now() - from) / 1000);
      },
      error: nothing,
    };
    const statements = tracingChannel<unknown, StatementEvent>("apocryphan:statement");
    statements.subscribe(subscribers);
    this.#ends.push(() => void statements.unsubscribe(subscribers));
  }
}

/** A metric's labels for a member, remembered for their removal. */
function use(
  member: Member,
  metric: Removable & { readonly name?: string },
  own: Labels,
  name = "",
  value = "",
): Labels {
  const key = `${(metric as { name?: string }).name}:${value}`;
  const known = member.used.get(key);
  if (known !== undefined) return known.labels;
  const labels = name === "" ? own : { ...own, [name]: value };
  member.used.set(key, { metric, labels });
  return labels;
}

/** The kind of a database's refusal; else the error's code. Few words, so that there are few series. */
function kindOf(error: unknown): string {
  const { kind, code } = error as { kind?: unknown; code?: unknown };
  return typeof kind === "string" ? kind : typeof code === "string" ? code : "other";
}
