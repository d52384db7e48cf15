/** Something that has to be answered by `deadline`; `spot` belongs to the `Deadlines` it is in. */
export interface Due {
  readonly deadline: number;
  spot: number;
}

/**
 * Keeps the earliest deadline at hand (a binary heap whose elements know their place, so that any can be taken out).
 * Where all deadlines are equally far away, as they are with one `timeout` for everybody, adding costs the same at
 * any size; the rest is logarithmic.
 */
export class Deadlines<D extends Due> {
  private readonly heap: D[] = [];

  /** The one that is due first. */
  get first(): D | undefined {
    return this.heap[0];
  }

  add(due: D): void {
    this.heap.push(due);
    this.rise(due, this.heap.length - 1);
  }

  /** Takes out `due`, which must have been added. */
  remove(due: D): void {
    const spot = due.spot;
    const last = this.heap.pop();
    if (last === undefined || last === due) return;
    this.rise(last, spot);
    this.sink(last, last.spot);
  }

  private rise(due: D, from: number): void {
    let spot = from;
    while (spot > 0) {
      const up = (spot - 1) >> 1;
      const parent = this.heap[up] as D;
      if (parent.deadline <= due.deadline) break;
      this.put(parent, spot);
      spot = up;
    }
    this.put(due, spot);
  }

  private sink(due: D, from: number): void {
    let spot = from;
    for (;;) {
      const left = 2 * spot + 1;
      const a = this.heap[left];
      if (a === undefined) break;
      const b = this.heap[left + 1];
      const child = b !== undefined && b.deadline < a.deadline ? b : a;
      if (child.deadline >= due.deadline) break;
      const down = child.spot;
      this.put(child, spot);
      spot = down;
    }
    this.put(due, spot);
  }

  private put(due: D, spot: number): void {
    this.heap[spot] = due;
    due.spot = spot;
  }
}
