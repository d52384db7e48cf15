import type { Chain } from "../base/chain.ts";
import type { Place } from "./place.ts";

/** Where to choose from, and by what. */
export interface Choice<P> {
  /** All there are, the idle ones included. */
  readonly places: ReadonlySet<Place<P>>;
  /** Those that lie idle, the one to prefer first. */
  readonly idle: Chain<Place<P>>;
  /** Whether one that lies idle would do as well as the first. */
  fit(place: Place<P>): boolean;
  /** What a place shares with others (see `Resource.shares`). */
  shares(place: Place<P>): unknown;
}

/**
 * Of the idle places the first that has the fewest in use to share with; `first`, which is fit, where none has fewer. One
 * that is being looked at for somebody counts as in use.
 */
export function leastShared<P>(first: Place<P>, { places, idle, fit, shares }: Choice<P>): Place<P> {
  if (idle.size === 1 || idle.size === places.size) return first;
  const others = new Map<unknown, number>();
  for (const place of places) {
    if (place.state !== "lent" && place.state !== "checking") continue;
    const its = shares(place);
    others.set(its, (others.get(its) ?? 0) + 1);
  }
  let best = first;
  let least = others.get(shares(first)) ?? 0;
  for (let place = idle.first; place !== undefined && least > 0; place = place.after) {
    const count = others.get(shares(place)) ?? 0;
    if (count >= least || !fit(place)) continue;
    best = place;
    least = count;
  }
  return best;
}
