/** What an element of a `Chain` carries: its two neighbours. It can be in one chain at a time. */
export interface Link<N> {
  before: N | undefined;
  after: N | undefined;
}

/**
 * A list whose elements hold their own links, so that joining it and leaving it from the middle cost the same at
 * any length, and allocate nothing.
 */
export class Chain<N extends Link<N>> {
  first: N | undefined = undefined;
  last: N | undefined = undefined;
  size = 0;

  /** Adds `node`, which is in no chain, at the end. */
  push(node: N): void {
    node.before = this.last;
    if (this.last === undefined) this.first = node;
    else this.last.after = node;
    this.last = node;
    this.size++;
  }

  /** Adds `node`, which is in no chain, at the beginning. */
  unshift(node: N): void {
    node.after = this.first;
    if (this.first === undefined) this.last = node;
    else this.first.before = node;
    this.first = node;
    this.size++;
  }

  /** Takes out `node`, which must be in this chain. */
  remove(node: N): void {
    if (node.before === undefined) this.first = node.after;
    else node.before.after = node.after;
    if (node.after === undefined) this.last = node.before;
    else node.after.before = node.before;
    node.before = undefined;
    node.after = undefined;
    this.size--;
  }

  /** From first to last. The element just given may be taken out meanwhile. */
  *[Symbol.iterator](): IterableIterator<N> {
    for (let node = this.first; node !== undefined; ) {
      const after: N | undefined = node.after;
      yield node;
      node = after;
    }
  }
}
