import { type AblationCombine, COMBINED, type Metrics } from "../../../shared/index.ts";
import { figuresOf, type RetrievalTask, rankQueries } from "../../evaluation/index.ts";

const KS = [1, 2, 4, 8];

/** The held-out images as a trained model embeds them. */
export interface TestRows {
  readonly dims: readonly number[];
  readonly count: number;
  /** Per branch float32 `[count, dim]`, rows of norm 1. */
  readonly matrices: readonly Float32Array[];
  readonly labels: readonly string[];
  /** A path per row. */
  readonly paths: readonly string[];
}

/**
 * What the held-out images find among each other, by a way of combining the branches.
 * @returns null where the branches cannot be added up, since they are not equally long
 */
export async function testFigures(
  test: TestRows,
  combine: AblationCombine,
  signal: AbortSignal | undefined,
): Promise<{ readonly queries: number; readonly metrics: Metrics } | null> {
  const combined = combine === "concat" ? test : added(test);
  if (combined === null) return null;
  const { dims, count, matrices } = combined;
  // Ties are broken by path.
  const order = [...test.paths.keys()].sort((a, b) => (test.paths[a]! < test.paths[b]! ? -1 : 1));
  const numbers = new Map<string, number>();
  for (const label of test.labels) if (!numbers.has(label)) numbers.set(label, numbers.size);
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  const task: RetrievalTask = {
    names: dims.map((_, b) => String(b)),
    dims,
    count,
    matrices: matrices.map((matrix, b) => sorted(matrix, dims[b]!, order)),
    classes: Int32Array.from(order, (row) => numbers.get(test.labels[row]!)!),
    queries: rows,
    gallery: rows,
  };
  const ranking = await rankQueries(task, { signal });
  const { metrics } = figuresOf(ranking, task, KS).descriptors[COMBINED]!;
  return { queries: ranking.queries.length, metrics };
}

/** The branches added up and brought to norm 1, as the paper's `sum`. */
function added({ dims, count, matrices, ...rest }: TestRows): TestRows | null {
  const dim = dims[0]!;
  if (dims.some((other) => other !== dim)) return null;
  const sums = new Float32Array(count * dim);
  for (const matrix of matrices) for (let i = 0; i < sums.length; i++) sums[i]! += matrix[i]!;
  for (let row = 0; row < count; row++) {
    const values = sums.subarray(row * dim, (row + 1) * dim);
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let i = 0; i < dim; i++) values[i]! /= norm;
  }
  return { ...rest, dims: [dim], count, matrices: [sums] };
}

function sorted(matrix: Float32Array, dim: number, order: readonly number[]): Float32Array {
  const rows = new Float32Array(matrix.length);
  for (const [i, row] of order.entries()) rows.set(matrix.subarray(row * dim, (row + 1) * dim), i * dim);
  return rows;
}
