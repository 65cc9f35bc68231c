import { InferenceSession, Tensor } from "onnxruntime-node";
import { COMBINED, type RankedImage, type SimilarResult } from "../../shared/index.ts";
import type { Gallery } from "./gallery.ts";
import { searchGraph } from "./searchGraph.ts";

/** Scores of one column (a branch, or combined) and its best rows. */
export interface ColumnResult {
  /** Cosine to every row, float32 `[count]`. */
  readonly scores: Float32Array;
  /** Rows from the best down. */
  readonly top: readonly number[];
}

/** One column per branch in the model's order, then combined. Rows are those of the gallery at the time of the search. */
export type SearchResult = readonly ColumnResult[];

export interface SearchOptions {
  /** Share of each branch in combined, in the model's order, adding up to 1; equal where absent. */
  readonly shares?: readonly number[] | undefined;
  /** Rows to leave out: the examples themselves. */
  readonly without?: readonly number[] | undefined;
  /** Whether a row may be found; all may where absent. */
  readonly within?: ((row: number) => boolean) | undefined;
}

/** Puts a row below every score that there is (-1..1). */
const OUT = -4;

/** Exact nearest neighbours by score: Gemm + TopK in onnxruntime over matrices that stay where they are. */
export class ExactSearch {
  readonly #session: InferenceSession;
  readonly #branches: number;

  private constructor(session: InferenceSession, branches: number) {
    this.#session = session;
    this.#branches = branches;
  }

  /** @param branches number of branches of the model */
  static async create(branches: number): Promise<ExactSearch> {
    const session = await InferenceSession.create(searchGraph(branches), { executionProviders: ["cpu"] });
    return new ExactSearch(session, branches);
  }

  /**
   * @param query one float32 `[dim]` of norm 1 per branch
   * @param k length of each list; fewer where fewer rows may be found
   */
  async run(
    query: readonly Float32Array[],
    gallery: Gallery,
    k: number,
    options: SearchOptions = {},
  ): Promise<SearchResult> {
    const { count } = gallery;
    const columns = this.#branches + 1;
    if (count === 0) return Array.from({ length: columns }, () => ({ scores: new Float32Array(), top: [] }));
    const { penalty, allowed } = penalties(count, options);
    const length = Math.min(k, allowed);
    const feeds: Record<string, Tensor> = {
      k: new Tensor("int64", BigInt64Array.of(BigInt(Math.max(1, length))), [1]),
      penalty: new Tensor("float32", penalty, [count]),
    };
    for (const [b, dim] of gallery.dims.entries()) {
      feeds[`query_${b}`] = new Tensor("float32", query[b]!, [1, dim]);
      feeds[`gallery_${b}`] = new Tensor("float32", gallery.matrix(b), [count, dim]);
      const share = options.shares?.[b] ?? 1 / this.#branches;
      feeds[`share_${b}`] = new Tensor("float32", Float32Array.of(share), [1]);
    }
    const outputs = await this.#session.run(feeds);
    return Array.from({ length: columns }, (_, column) => ({
      scores: outputs[`scores_${column}`]!.data as Float32Array,
      top: Array.from(outputs[`top_${column}`]!.data as BigInt64Array, Number).slice(0, length),
    }));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** What is added to each row's score before the best are picked, and how many rows may be found. */
function penalties(
  count: number,
  { without = [], within }: SearchOptions,
): { readonly penalty: Float32Array; readonly allowed: number } {
  const penalty = new Float32Array(count);
  if (within !== undefined) for (let row = 0; row < count; row++) if (!within(row)) penalty[row] = OUT;
  for (const row of without) penalty[row] = OUT;
  return { penalty, allowed: penalty.reduce((sum, each) => (each === 0 ? sum + 1 : sum), 0) };
}

/**
 * Puts names to rows: the ranked lists of each column, and every score of each image that is in one of them.
 * @param minScore each list ends where its scores fall below
 */
export function nameResult(
  result: SearchResult,
  branches: readonly string[],
  gallery: Gallery,
  minScore = Number.NEGATIVE_INFINITY,
): Pick<SimilarResult, "results" | "scores"> {
  const columns = [...branches, COMBINED];
  const results: Record<string, RankedImage[]> = {};
  const scores: Record<string, Record<string, number>> = {};
  for (const [c, column] of columns.entries()) {
    const { scores: values, top: best } = result[c]!;
    const top = best.filter((row) => values[row]! >= minScore);
    results[column] = top.map((row, i) => ({ rank: i + 1, path: gallery.pathOf(row), score: values[row]! }));
    for (const row of top) {
      scores[gallery.pathOf(row)] ??= Object.fromEntries(columns.map((name, i) => [name, result[i]!.scores[row]!]));
    }
  }
  return { results, scores };
}
