import type { Sameness } from "./sameness/index.ts";

/** Pictures that are tried in vain one after another with the first of a group: those that look most alike come first. */
const IN_VAIN = 64;

/**
 * The same among those whose embeddings are not near: a model that was adapted to many copies of a few pictures may tell their sizes
 * apart above all.
 */
const FAR_IN_VAIN = 4;

/** Pictures of other groups, those that look most alike, that are compared with a further first one. */
const OTHERS = 3;

export interface PictureGroups {
  /** Of two or more that are certainly the same, each in the given order. */
  readonly groups: readonly (readonly number[])[];
  /** A picture, which may be the first of a group, and what is perhaps the same as it; nothing is perhaps the same as two. */
  readonly perhaps: readonly (readonly number[])[];
}

/**
 * Groups pictures. Each group has a first one that every other one of it is compared with, so that a chain of small changes
 * does not grow; a picture is in one group. What is the same as the first ones of two groups, which are not the same as each
 * other, hides what they differ by: it is only perhaps the same as the first of them.
 * @param order numbers of all pictures, those that a group should begin with first
 * @param alike which may be the same as a picture, those that look most alike first: such as are near by their embeddings, then others
 * @param compare whether two are the same
 */
export async function groupPictures(
  order: readonly number[],
  alike: (picture: number) => Readonly<Record<"near" | "far", Iterable<number>>>,
  compare: (first: number, other: number) => Promise<Sameness>,
  onDone: (pictures: number) => void = () => {},
): Promise<PictureGroups> {
  const firstOf = new Map<number, number>();
  const unsure = new Map<number, number>();
  for (const [done, first] of order.entries()) {
    onDone(done);
    if (firstOf.has(first)) continue;
    firstOf.set(first, first);
    const { near, far } = alike(first);
    for (const [others, most] of [
      [near, IN_VAIN],
      [far, FAR_IN_VAIN],
    ] as const) {
      let [vain, ofOthers] = [0, 0];
      for (const other of others) {
        const owner = firstOf.get(other);
        if (owner === other || (owner !== undefined && ++ofOthers > OTHERS)) continue;
        const sameness = await compare(first, other);
        if (sameness === "other") {
          if (++vain >= most) break;
          continue;
        }
        vain = 0;
        if (sameness === "perhaps") {
          if (owner === undefined && !unsure.has(other)) unsure.set(other, first);
        } else if (owner === undefined) firstOf.set(other, first);
        else if (unsure.get(first) !== owner) unsure.set(other, owner);
      }
    }
  }
  const isCertain = (other: number) => firstOf.get(other) !== unsure.get(other);
  return {
    groups: gathered(order, (picture) => (isCertain(picture) ? firstOf.get(picture) : undefined)),
    perhaps: gathered(order, (picture) => {
      const first = unsure.get(picture);
      const own = firstOf.get(picture);
      return own === picture || own === first ? first : undefined;
    }),
  };
}

/** Pictures by what they belong to, which comes first; of two or more. */
function gathered(order: readonly number[], firstOf: (picture: number) => number | undefined): number[][] {
  const groups = new Map<number, number[]>();
  for (const picture of order) {
    const first = firstOf(picture);
    if (first === undefined || first === picture) continue;
    const group = groups.get(first) ?? [first];
    group.push(picture);
    groups.set(first, group);
  }
  const rank = new Map(order.map((picture, i) => [picture, i]));
  return [...groups.values()].sort((a, b) => rank.get(a[0]!)! - rank.get(b[0]!)!);
}
