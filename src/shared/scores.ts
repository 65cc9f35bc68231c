import type { BranchWeights } from "./query.ts";

/**
 * Shares of the branches in combined: w_b / sum of w, which is what a branch's cosine is multiplied by.
 * @param branches names, in the model's order
 * @param weights branches that are not named count 1; names of other branches are ignored
 * @returns by branch name; they add up to 1
 * @throws RangeError where a weight is negative or not a number, or all are 0
 */
export function branchShares(branches: readonly string[], weights: BranchWeights = {}): Record<string, number> {
  const full = fullWeights(branches, weights);
  const sum = Object.values(full).reduce((total, weight) => total + weight, 0);
  if (!(sum > 0)) throw new RangeError("The weights of all branches are 0: there is nothing left to combine.");
  return Object.fromEntries(branches.map((name) => [name, full[name]! / sum]));
}

/** The weight of every branch. @throws RangeError where one is negative or not a number */
export function fullWeights(branches: readonly string[], weights: BranchWeights = {}): Record<string, number> {
  return Object.fromEntries(
    branches.map((name) => {
      const weight = weights[name] ?? 1;
      if (!(weight >= 0 && Number.isFinite(weight))) {
        throw new RangeError(`The weight of ${name} must be a number of at least 0, not ${weight}.`);
      }
      return [name, weight];
    }),
  );
}

/**
 * Splits a combined score into what each branch gives: w_b cos_b / sum of w. The parts add up to it exactly, since every
 * branch of an embedding has norm 1.
 * @param scores cosine by branch name
 * @throws RangeError as `branchShares` does
 */
export function splitScore(
  scores: Readonly<Record<string, number>>,
  branches: readonly string[],
  weights: BranchWeights = {},
): Record<string, number> {
  const shares = branchShares(branches, weights);
  return Object.fromEntries(branches.map((name) => [name, shares[name]! * (scores[name] ?? 0)]));
}

/** The combined score under some weights, from the cosines of the branches. @throws RangeError as `branchShares` does */
export function combineScores(
  scores: Readonly<Record<string, number>>,
  branches: readonly string[],
  weights: BranchWeights = {},
): number {
  return Object.values(splitScore(scores, branches, weights)).reduce((sum, part) => sum + part, 0);
}

/** A score as it is shown, to so many places; never as less than nothing where it rounds to it. */
export function cosineText(score: number, places = 2): string {
  const text = score.toFixed(places);
  return Number(text) === 0 ? text.replace("-", "") : text;
}
