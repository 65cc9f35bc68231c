/** Pictures that are tried in vain one after another with the first of a group: those that look most alike come first. */
const IN_VAIN = 64;

/**
 * Groups pictures. Each group has a first one that every other one of it is compared with, so that a chain of small changes
 * does not grow; a picture is in one group.
 * @param order numbers of all pictures, those that a group should begin with first
 * @param alike which may be the same as a picture, those that look most alike first
 * @param same whether two are
 * @returns groups of two or more, each in the given order
 */
export async function groupPictures(
  order: readonly number[],
  alike: (picture: number) => Iterable<number>,
  same: (first: number, other: number) => Promise<boolean>,
  onDone: (pictures: number) => void = () => {},
): Promise<number[][]> {
  const taken = new Set<number>();
  const rank = new Map(order.map((picture, i) => [picture, i]));
  const groups: number[][] = [];
  for (const [done, first] of order.entries()) {
    onDone(done);
    if (taken.has(first)) continue;
    taken.add(first);
    const group = [first];
    let vain = 0;
    for (const other of alike(first)) {
      if (taken.has(other)) continue;
      if (await same(first, other)) {
        group.push(other);
        vain = 0;
      } else if (++vain >= IN_VAIN) break;
    }
    for (const other of group) taken.add(other);
    if (group.length > 1) groups.push(group.sort((a, b) => rank.get(a)! - rank.get(b)!));
  }
  return groups;
}
