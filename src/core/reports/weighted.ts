import { branchShares, COMBINED, equalMixKey, isEqualMix, type SuggestedWeights } from "../../shared/index.ts";
import type { Ranking, RetrievalTask } from "../evaluation/index.ts";

/**
 * The task of combined under the weights that an index holds: the branches side by side, each times the square root of its share, so that products are the weighted
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
  return { ...task, names: [COMBINED], dims: [width], matrices: [matrix] };
}

/**
 * A ranking in which combined is what the folder is searched with. The equal mix stays, under the names of all branches.
 * @param weighted of `weightedTask`
 */
export function withWeighted(ranking: Ranking, weighted: Ranking, names: readonly string[]): Ranking {
  const columns = ranking.columns.map((column) =>
    // Where it fails is told of what is searched with.
    column.key === COMBINED ? { ...column, key: equalMixKey(names), lists: null } : column,
  );
  const searched = weighted.columns.find(({ key }) => key === COMBINED)!;
  return { ...ranking, columns: [...columns, { ...searched, branches: [...names.keys()] }] };
}

/** Whether there is anything to show beside the equal mix. */
export function isWeighted(task: RetrievalTask, held: SuggestedWeights | null): held is SuggestedWeights {
  return held !== null && !isEqualMix(task.names, held.weights);
}

/**
 * What has to be known of combined, for a user.
 * @param told the model and its state
 * @param names of its branches
 */
export function weightedNote(
  told: string,
  names: readonly string[],
  { weights, from, gain }: SuggestedWeights,
): string {
  const mix = Object.entries(weights).map(([name, weight]) => `${name} ${weight}`);
  const chosen =
    from === "names" || from === "table"
      ? "They were chosen by classes of this folder, so that figure flatters them"
      : from === "gate"
        ? "They were chosen without labels"
        : "They were chosen by images of this folder, so that figure may flatter them";
  const measured =
    gain === undefined
      ? ""
      : `; on ${gain.measuredOn} that did not choose they gained ${(100 * gain.mean).toFixed(1)} +- ${(100 * gain.error).toFixed(1)} points`;
  return `${told}: combined is under the weights that the index holds, as the folder is searched (${mix.join(", ")}); "${equalMixKey(names)}" is the equal mix. ${chosen}${measured}.`;
}
