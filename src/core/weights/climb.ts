/** What a branch may count beside one that counts 1. */
const LEVELS = [0, 0.25, 0.5, 1, 2] as const;
const ROUNDS = 2;
/** A gain of less is one of rounding. */
const LEAST = 1e-9;

/**
 * The best weights by a measure, looked for one branch at a time, from the equal mix on: with eight branches all combinations
 * would be too many, and a choice among many is one of chance.
 * @param measure of weights, higher is better
 * @returns the largest is 1
 */
export async function climb(
  branches: number,
  measure: (weights: readonly number[]) => Promise<number>,
): Promise<readonly number[]> {
  let best: readonly number[] = Array.from({ length: branches }, () => 1);
  let highest = await measure(best);
  for (let round = 0; round < ROUNDS; round++) {
    const before = best;
    for (let b = 0; b < branches; b++) {
      for (const level of LEVELS) {
        const tried = best.map((weight, i) => (i === b ? level : weight));
        if (level === best[b] || tried.every((weight) => weight === 0)) continue;
        const value = await measure(tried);
        if (value <= highest + LEAST) continue;
        highest = value;
        best = tried;
      }
    }
    if (best === before) break;
  }
  const most = Math.max(...best);
  return best.map((weight) => weight / most);
}
