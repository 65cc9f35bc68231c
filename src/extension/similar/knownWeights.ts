import type { BranchWeights } from "../../shared/index.ts";

/**
 * The weights of a query that a model can follow: those of its own branches, and none where these leave nothing to
 * combine.
 * @returns with the names of the branches that it lacks
 */
export function knownWeights(
  weights: BranchWeights,
  branches: readonly string[],
): { readonly weights: BranchWeights; readonly unknown: readonly string[] } {
  const unknown = Object.keys(weights).filter((name) => !branches.includes(name));
  if (unknown.length === 0) return { weights, unknown };
  const known = Object.entries(weights).filter(([name]) => branches.includes(name));
  const kept = Object.fromEntries(known);
  return { weights: branches.some((name) => (kept[name] ?? 1) > 0) ? kept : {}, unknown };
}
