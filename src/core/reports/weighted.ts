import { branchShares, isEqualMix, type SuggestedWeights } from "../../shared/index.ts";
import type { RetrievalTask } from "../evaluation/index.ts";

/** The column of combined under the weights that the index holds, beside the equal mix. */
export const SUGGESTED = "suggested";

/**
 * The task of that column: the branches side by side, each times the square root of its share, so that products are the weighted
 * means of the branches' cosines.
 */
export function weightedTask(task: RetrievalTask, { weights }: SuggestedWeights): RetrievalTask {
  const shares = branchShares(task.names, weights);
  const width = task.dims.reduce((sum, dim) => sum + dim, 0);
  const matrix = new Float32Array(task.count * width);
  let offset = 0;
  for (const [b, dim] of task.dims.entries()) {
    const scale = Math.sqrt(shares[task.names[b]!]!);
    const from = task.matrices[b]!;
    for (let row = 0; row < task.count; row++) {
      for (let i = 0; i < dim; i++) matrix[row * width + offset + i] = scale * from[row * dim + i]!;
    }
    offset += dim;
  }
  return { ...task, names: [SUGGESTED], dims: [width], matrices: [matrix] };
}

/** Whether there is anything to show beside the equal mix. */
export function isWeighted(task: RetrievalTask, held: SuggestedWeights | null): held is SuggestedWeights {
  return held !== null && !isEqualMix(task.names, held.weights);
}

/** What has to be known of that column, for a user. @param told the model and its state */
export function weightedNote(told: string, { weights, from, gain }: SuggestedWeights): string {
  const mix = Object.entries(weights).map(([name, weight]) => `${name} ${weight}`);
  const chosen =
    from === "names" || from === "table"
      ? "They were chosen by classes of this folder, so that figure flatters them"
      : "They were chosen by images of this folder, so that figure may flatter them";
  const measured =
    gain === undefined
      ? ""
      : `; on ${gain.measuredOn} that did not choose they gained ${(100 * gain.mean).toFixed(1)} +- ${(100 * gain.error).toFixed(1)} points`;
  return `${told}: "${SUGGESTED}" is combined under the weights that the index holds (${mix.join(", ")}). ${chosen}${measured}.`;
}
