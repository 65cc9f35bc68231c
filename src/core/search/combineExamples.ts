import { QueryError } from "./errors.ts";
import { normalise } from "./gallery.ts";

/** The embedding of one example of a query. */
export interface EmbeddedExample {
  readonly sign: 1 | -1;
  /** How much it counts; 1 where absent. */
  readonly weight?: number | undefined;
  /** Per branch float32 `[dim]` of norm 1. */
  readonly branches: readonly Float32Array[];
}

/**
 * A sum of unit vectors that is shorter than this has no direction worth searching by: what is left of two examples
 * whose cosine is above 0.99995 is the rounding of float16 and of resizing.
 */
const LEAST_NORM = 0.01;

/**
 * The query of each branch: the sum of its signed examples, brought to norm 1.
 * @param examples at least one
 * @param names of the branches, for the message
 * @throws QueryError where the examples of a branch cancel each other out
 */
export function combineExamples(examples: readonly EmbeddedExample[], names: readonly string[]): Float32Array[] {
  const heaviest = Math.max(...examples.map(({ weight = 1 }) => weight));
  return names.map((name, b) => {
    const sum = new Float32Array(examples[0]!.branches[b]!.length);
    let longest = 0;
    for (const { sign, weight = 1, branches } of examples) {
      const branch = branches[b]!;
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + sign * weight * branch[i]!;
      longest = Math.max(longest, norm(branch));
    }
    // An embedding may itself be zero (a branch that found nothing); it scores 0 everywhere, and contradicts nothing.
    if (longest > 0 && norm(sum) < LEAST_NORM * heaviest) {
      throw new QueryError(
        `The + and - examples cancel each other out (in ${name}): nothing is left to search by. Remove one of them.`,
      );
    }
    normalise(sum);
    return sum;
  });
}

function norm(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
