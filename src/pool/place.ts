import type { Link } from "../base/chain.ts";

/**
 * What goes on at a place:
 *
 * ```
 * opening ─→ idle ⇄ checking        opening: an attempt to connect is under way
 *    │        ⇅        │            checking: a sign of life is awaited before it is lent or kept
 *    │       lent ─────┤            lent: somebody holds it
 *    │        │        │            resetting: it came back and is being made fit for the next
 *    │    resetting    │            closing: it is being closed, or its attempt to connect is being given up
 *    └────────┴────────┴─→ closing ─→ gone
 * ```
 */
export type PlaceState = "opening" | "idle" | "checking" | "lent" | "resetting" | "closing" | "gone";

/** One of the `maxConnections` places, from the attempt to connect until the connection is gone. `P` is the runner's own. */
export class Place<P> implements Link<Place<P>> {
  /** What the runner keeps here: the connection itself, its loan. The machine never looks. */
  readonly own: P;
  state: PlaceState = "opening";
  openedAt = 0;
  /** From then on it is neither lent nor kept. */
  expiresAt = Number.POSITIVE_INFINITY;
  /** Since when nobody has used it. */
  idleSince = 0;
  /** The last sign of life: it came back, was opened, or answered a check. */
  seenAt = 0;
  takenAt = 0;
  uses = 0;
  /** Lent for one statement only. */
  brief = false;
  /** The check under way is a keepalive: the place goes back under the others, not on top. */
  keepalive = false;
  /** That its holder has had it for too long was reported. */
  leaked = false;
  before: Place<P> | undefined = undefined;
  after: Place<P> | undefined = undefined;

  constructor(own: P) {
    this.own = own;
  }
}
