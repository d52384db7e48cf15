import type { Contestant, Figures, Part, Trial } from "../harness/part.ts";
import { spin } from "../harness/spin.ts";
import { limitByHand, limitWithContext, noLimit } from "../versus/by-hand.ts";
import { CONNECTIONS, type Fakes } from "../versus/fake.ts";
import { connectAndClose, innerPool, withConnection } from "../versus/ours-fake.ts";
import { genericPool, lightningPool, mysql2Pool, pgPool, tarn } from "../versus/pools.ts";

interface Entry {
  readonly name: string;
  readonly peers: readonly string[];
  make(max?: number): Fakes | Promise<Fakes>;
}

const SCOPE = "apocryphan, withConnection";
const BY_HAND = "by hand, with AsyncLocalStorage";
const PEERS: readonly Entry[] = [
  { name: "tarn", peers: ["tarn"], make: tarn },
  { name: "generic-pool", peers: ["generic-pool"], make: genericPool },
  { name: "lightning-pool", peers: ["lightning-pool"], make: lightningPool },
  { name: "pg-pool", peers: ["pg-pool"], make: pgPool },
  { name: "mysql2's pool", peers: ["mysql2"], make: mysql2Pool },
];
const ENTRIES: readonly Entry[] = [
  { name: SCOPE, peers: [], make: withConnection },
  { name: "apocryphan, connect and close", peers: [], make: connectAndClose },
  { name: "apocryphan, the pool inside", peers: [], make: innerPool },
  { name: BY_HAND, peers: [], make: limitWithContext },
  { name: "by hand", peers: [], make: limitByHand },
  ...PEERS,
];

/** Opens all connections, so that no trial measures connecting. */
async function warm(fakes: Fakes, connections: number): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => fakes.with((fake) => fake.use())));
}

function contestants(
  entries: readonly Entry[],
  measure: (fakes: Fakes, trial: Trial) => Promise<Figures>,
  connections: (trial: Trial) => number = () => CONNECTIONS,
): Contestant[] {
  return entries.map(({ name, peers, make }) => ({
    name,
    peers,
    async run(trial) {
      const fakes = await make(connections(trial));
      await warm(fakes, connections(trial));
      return measure(fakes, trial);
    },
  }));
}

/** All connections are held while so many callers get in line; then they are let go, and each is served in its turn. */
async function line(fakes: Fakes, count: number): Promise<Figures> {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let holding = 0;
  const held = new Promise<void>((resolve) => {
    for (let i = 0; i < CONNECTIONS; i++) {
      void fakes.with(() => {
        holding++;
        if (holding === CONNECTIONS) resolve();
        return gate;
      });
    }
  });
  await held;
  const order = new Int32Array(count);
  let served = 0;
  const before = heap();
  const callers: Promise<void>[] = [];
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    callers.push(
      fakes.with(async () => {
        order[served++] = i;
      }),
    );
  }
  const joined = performance.now();
  const bytes = (heap() - before) / count;
  const from = performance.now();
  open();
  await Promise.all(callers);
  const done = performance.now();
  const displaced = order.findIndex((who, turn) => who !== turn);
  if (displaced >= 0) throw new Error(`Caller ${order[displaced]} was served in turn ${displaced}.`);
  return {
    bytes,
    joining: ((joined - began) * 1000) / count,
    serving: ((done - from) * 1000) / count,
  };
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error("Needs --expose-gc.");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const WIDTHS = [1, 10, 100, 1000];
const NAMES = PEERS.map(({ name }) => name);

export const pool: Part = {
  name: "pool",
  title: "The pool alone",
  about: [
    "Connections that lead nowhere: what is measured is taking one, letting everybody else have a turn (one `await`), and giving it back. Ten connections, all opened before.",
    "`apocryphan, withConnection` is the call as users write it: it enters an async context, so that whatever is awaited inside finds its connection. None of the other pools does that, so there is the same by hand: the shortest limit that can be written, which enters an `AsyncLocalStorage`, and one that does not.",
    "A line: all connections are held while so many callers get in line, then they are let go. Everybody has to be served in the order of joining. Bytes are those on the heap per caller, with all that a caller consists of.",
  ],
  leftOut: [
    "Checks of a connection's health: a fake is always well. Ours looks at the socket's state each time, which costs nothing worth measuring; the peers differ in what they look at.",
    "mysql2's pool makes its own connections; it has real ones, to a server in the same process that does nothing but shake hands.",
  ],
  flatters: [
    "Nobody's connection does anything, so the differences are those of microseconds. Beside one round trip to a server on the same machine (40 µs and more) they hardly count.",
    "pg-pool, generic-pool and mysql2's pool hand over in a later turn of the event loop, which costs them throughput here and lets other callbacks run.",
  ],
  needs: [],
  rounds: 3,
  cases: [
    {
      name: "cost",
      title: "Take one, give it back",
      widths: WIDTHS,
      contestants: contestants(
        [...ENTRIES, { name: "the loop around it", peers: [], make: noLimit }],
        (fakes, trial) => spin(() => fakes.with((fake) => fake.use()), trial),
      ),
      metrics: [
        { name: "nanoseconds", title: "ns", better: "less" },
        { name: "cpu", title: "ns of CPU", better: "less" },
      ],
    },
    {
      name: "size",
      title: "A larger pool, a thousand callers",
      widths: [10, 100, 1000],
      unit: "connections",
      contestants: contestants(
        ENTRIES,
        (fakes, trial) => spin(() => fakes.with((fake) => fake.use()), { ...trial, width: 1000 }),
        ({ width }) => width,
      ),
      metrics: [{ name: "nanoseconds", title: "ns", better: "less" }],
      seconds: 0.3,
    },
    {
      name: "line",
      title: "A long line",
      widths: [1000, 10_000, 100_000],
      unit: "in line",
      contestants: contestants(ENTRIES, async (fakes, { width }) => {
        await line(fakes, Math.min(width, 5000));
        return line(fakes, width);
      }),
      metrics: [
        { name: "serving", title: "µs to serve one", better: "less" },
        { name: "joining", title: "µs to join", better: "less" },
        { name: "bytes", title: "bytes each", better: "less" },
      ],
      seconds: 0,
    },
  ],
  targets: [
    ...WIDTHS.flatMap((width) => [
      { case: "cost", width, metric: "nanoseconds", ours: SCOPE, than: [BY_HAND], atMost: 1.25 },
      { case: "cost", width, metric: "nanoseconds", ours: SCOPE, than: NAMES, atMost: 1 },
    ]),
    { case: "line", width: 100_000, metric: "serving", ours: SCOPE, thanOwnWidth: 10_000, atMost: 2 },
    { case: "line", width: 100_000, metric: "bytes", ours: SCOPE, atMost: 1024 },
  ],
};
