/**
 * The cycles among nodes that could not be sorted: from each, follow one unsorted dependency after the other until a node comes again.
 * Each cycle once, beginning with its least node; nodes that only depend on a cycle are not in it.
 *
 * @param up each node's dependencies
 * @param sorted the nodes that could be sorted
 */
export function cycles(up: readonly (readonly number[])[], sorted: readonly number[]): number[][] {
  const sortable = new Set(sorted);
  const settled = new Set(sorted);
  const found: number[][] = [];
  for (let start = 0; start < up.length; start++) {
    const path: number[] = [];
    const at = new Map<number, number>();
    for (let node: number | undefined = start; node !== undefined && !settled.has(node); ) {
      const before = at.get(node);
      if (before !== undefined) {
        found.push(fromLeast(path.slice(before)));
        break;
      }
      at.set(node, path.length);
      path.push(node);
      // One that can't be sorted always has a dependency that can't either; one on an earlier path leads to a cycle that was found.
      node = up[node]?.find((above) => !sortable.has(above));
    }
    for (const node of path) settled.add(node);
  }
  return found;
}

function fromLeast(cycle: readonly number[]): number[] {
  const least = cycle.indexOf(Math.min(...cycle));
  return [...cycle.slice(least), ...cycle.slice(0, least)];
}
