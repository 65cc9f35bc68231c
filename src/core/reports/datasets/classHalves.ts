/**
 * The split of CUB and CARS in metric learning: the first classes are trained on, the others are the test (Oh Song et al.,
 * "Deep Metric Learning via Lifted Structured Feature Embedding", 2016, section 5).
 * @param ids numbers of all classes
 * @param last the official last class of the training; where it parts nothing, as in a part of the data set, half of the classes
 * @returns the last class that is trained on, and whether it is the official one
 */
export function lastTrainClass(
  ids: Iterable<number>,
  last: number,
): { readonly last: number; readonly official: boolean } {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  if (sorted.some((id) => id <= last) && sorted.some((id) => id > last)) return { last, official: true };
  return { last: sorted[Math.floor(sorted.length / 2) - 1] ?? 0, official: false };
}

export function halvesNote(title: string, { last, official }: ReturnType<typeof lastTrainClass>): string {
  return official
    ? `${title}: test images of the classes above ${last} query each other, as in the papers`
    : `${title}, a part of it: images of the second half of the classes (above ${last}) query each other`;
}
