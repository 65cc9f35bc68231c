import type { SimilarState } from "../../src/shared/index.ts";
import type { ShownColumn } from "./filters.ts";

/** The lists of the query before, shown until there is an answer: nothing jumps, and most answers come within a blink. */
export interface StandIn {
  readonly columns: readonly ShownColumn[];
  /** Of the model that made them. */
  readonly branches: readonly string[];
}

/**
 * @param now what stands in so far
 * @param drawn the lists as they are drawn
 * @param before the state that they are of
 * @param comparable whether the next state asks the same folders, so that the lists still name what they show
 * @returns null where the next state has lists of its own, or will have none
 */
export function standInFor(
  now: StandIn | null,
  drawn: readonly ShownColumn[],
  before: SimilarState | undefined,
  { result, searching, comparison }: SimilarState,
  comparable: boolean,
): StandIn | null {
  if (result !== null || !searching || comparison !== null || !comparable) return null;
  const last = before?.result ?? null;
  return last === null ? now : { columns: drawn, branches: last.model.descriptors };
}
