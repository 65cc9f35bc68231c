/** Cosines of some images with each other, per branch. */
export interface BranchScores {
  readonly count: number;
  /** Per branch float32 `[count, count]`. */
  readonly scores: readonly Float32Array[];
}

/**
 * AP@R of one query (Musgrave et al., "A Metric Learning Reality Check", 2020, section 2.3), under weights. Of equal scores
 * the wrong image counts as ahead, so that images that are all alike give nothing.
 * @param right rows that are right, without the query's own; one at least
 * @param within rows that may be found beside them
 * @param shares of the branches; only their proportions count
 */
export function averagePrecision(
  { count, scores }: BranchScores,
  query: number,
  right: readonly number[],
  within: readonly number[],
  shares: readonly number[],
): number {
  const scoreOf = (row: number) => {
    let score = 0;
    for (let b = 0; b < shares.length; b++) score += shares[b]! * scores[b]![query * count + row]!;
    return score;
  };
  const best = Float64Array.from(right, scoreOf).sort().reverse();
  const last = best[best.length - 1]!;
  // Wrong images ahead of each right one and behind the one before it.
  const before = new Int32Array(best.length);
  for (const row of within) {
    const score = scoreOf(row);
    if (score < last) continue;
    let at = 0;
    while (best[at]! > score) at++;
    before[at]!++;
  }
  let sum = 0;
  let wrong = 0;
  for (let i = 0; i < best.length; i++) {
    wrong += before[i]!;
    const rank = i + 1 + wrong;
    if (rank > best.length) break;
    sum += (i + 1) / rank;
  }
  return sum / best.length;
}
