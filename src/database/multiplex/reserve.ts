import type { Lane } from "./lane.ts";

/** Of two statements of one text, asked at once, neither is to count as the longer one because an estimate has just changed. */
const ROUGHLY = 1.25;

/**
 * Whether a slow statement, sent now, would take away the last lane that small ones go down, although one of the slow ones
 * ends soon: before this one would itself be over. The small ones would all wait for as long as it takes, and where they come
 * by the thousand that is more and more of the time: the faster they are served the more slow ones come with them.
 *
 * @param open how many of the lanes take something new
 * @param work milliseconds that the statement is expected to take
 * @param coming whether a connection is about to be lent anyway
 */
export function takesTheLast(
  lanes: readonly Lane[],
  open: number,
  work: number,
  now: number,
  coming: boolean,
): boolean {
  let small = 0;
  let ends = coming;
  for (let i = 0; i < lanes.length; i++) {
    const lane = lanes[i] as Lane;
    if (lane.slow === 0) {
      if (i < open) small++;
    } else if (lane.endsWithin(work * ROUGHLY, now)) ends = true;
  }
  return ends && small <= 1;
}

/** Whether `lane` is the only one of those that take something new which has no slow statement under way. */
export function isTheLast(lane: Lane, lanes: readonly Lane[], open: number): boolean {
  let found = false;
  for (let i = 0; i < open; i++) {
    const other = lanes[i] as Lane;
    if (other === lane) found = true;
    else if (other.slow === 0) return false;
  }
  return found;
}
