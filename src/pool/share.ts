import type { Chain } from "./chain.ts";
import type { Place } from "./place.ts";

/** Where to choose from, and by what. */
export interface Choice<P> {
  /** Those that lie idle, the one to prefer first. */
  readonly idle: Chain<Place<P>>;
  readonly lent: Chain<Place<P>>;
  /** Whether one that lies idle may be lent as it is. */
  fit(place: Place<P>): boolean;
  /** What a place shares with others (see `Resource.shares`). */
  shares(place: Place<P>): unknown;
}

/** Of the idle places the first that has the fewest lent ones to share with; `first`, which is fit, where none has fewer. */
export function leastShared<P>(first: Place<P>, { idle, lent, fit, shares }: Choice<P>): Place<P> {
  if (lent.size === 0 || idle.size === 1) return first;
  const others = new Map<unknown, number>();
  for (let place = lent.first; place !== undefined; place = place.after) {
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
