import {
  type BranchWeights,
  branchShares,
  COMBINED,
  combineScores,
  type RankedImage,
  type SimilarResult,
} from "../../src/shared/index.ts";

/** Whether some branch is left to combine. */
export function anyWeight(branches: readonly string[], weights: BranchWeights): boolean {
  return branches.some((branch) => (weights[branch] ?? 1) > 0);
}

/** Whether two sets of weights give the same scores: only their proportions count. */
export function sameWeights(branches: readonly string[], a: BranchWeights, b: BranchWeights): boolean {
  const [inA, inB] = [anyWeight(branches, a), anyWeight(branches, b)];
  if (!inA || !inB) return inA === inB;
  const [one, two] = [branchShares(branches, a), branchShares(branches, b)];
  return branches.every((branch) => Math.abs(one[branch]! - two[branch]!) < 1e-9);
}

/** The weights that a query is asked with: where it names none, those that the index holds. */
export function inForce(
  weights: BranchWeights,
  result: Pick<SimilarResult, "suggested" | "weights"> | null,
): BranchWeights {
  if (Object.keys(weights).length > 0 || result === null) return weights;
  if (result.suggested !== undefined) return result.suggested?.weights ?? {};
  // Several folders: 0 where each has its own.
  return Object.values(result.weights).some((weight) => weight > 0) ? result.weights : {};
}

/**
 * The combined list under other weights, of the images whose scores are at hand: a preview until the engine has looked at
 * all of them.
 */
export function reranked({ model, results, scores }: SimilarResult, weights: BranchWeights): RankedImage[] {
  return Object.entries(scores)
    .map(([path, own]) => ({ path, score: combineScores(own, model.descriptors, weights) }))
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
    .slice(0, results[COMBINED]?.length ?? 0)
    .map((image, i) => ({ ...image, rank: i + 1 }));
}
