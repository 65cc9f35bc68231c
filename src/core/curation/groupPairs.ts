/** Rows of a group, its first row before the others. */
export type Group = readonly number[];

/**
 * Groups rows that are joined by pairs. A chain of pairs may lead from one row to another that has nothing to do with it:
 * hence each group has a first row that every other row of it matches. What is left of a component forms further groups.
 * @param first orders rows: the one that a group should begin with comes first
 * @param matches whether two rows match each other; the pairs are some of those that do
 * @returns groups of two rows or more
 */
export function groupPairs(
  pairs: Iterable<readonly [number, number]>,
  first: (a: number, b: number) => number,
  matches: (a: number, b: number) => boolean,
): Group[] {
  return components(pairs).flatMap((component) => {
    const groups: Group[] = [];
    let left = component.toSorted(first);
    while (left.length > 1) {
      const leader = left[0]!;
      const group = left.filter((row) => row === leader || matches(leader, row));
      const taken = new Set(group);
      left = left.filter((row) => !taken.has(row));
      if (group.length > 1) groups.push(group);
    }
    return groups;
  });
}

/** Union-find with path halving. */
function components(pairs: Iterable<readonly [number, number]>): number[][] {
  const parents = new Map<number, number>();
  const rootOf = (row: number): number => {
    let at = row;
    for (let parent = parents.get(at) ?? at; parent !== at; parent = parents.get(at) ?? at) {
      parents.set(at, parents.get(parent) ?? parent);
      at = parent;
    }
    return at;
  };
  for (const [a, b] of pairs) {
    const [one, other] = [rootOf(a), rootOf(b)];
    parents.set(a, parents.get(a) ?? a);
    parents.set(b, parents.get(b) ?? b);
    if (one !== other) parents.set(one, other);
  }
  const members = new Map<number, number[]>();
  for (const row of parents.keys()) {
    const root = rootOf(row);
    members.set(root, [...(members.get(root) ?? []), row]);
  }
  return [...members.values()];
}
