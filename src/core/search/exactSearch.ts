import { availableParallelism } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { COMBINED, type RankedImage, type SimilarResult } from "../../shared/index.ts";
import { BLOCK_ROWS, type Gallery } from "./gallery.ts";
import { searchGraph } from "./searchGraph.ts";
import { topRows } from "./topRows.ts";

/** Scores of one column (a branch, or combined) and its best rows. */
export interface ColumnResult {
  /** Cosine to every row, float32 `[count]`. */
  readonly scores: Float32Array;
  /** Rows from the best down. */
  readonly top: readonly number[];
  /** Of each row in `top`, its rank by score, where `top` has another order. */
  readonly ranks?: ReadonlyMap<number, number>;
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

/** Exact nearest neighbours by score: one product per branch in onnxruntime, over matrices that stay where they are. */
export class ExactSearch {
  readonly #session: InferenceSession;
  readonly #branches: number;

  private constructor(session: InferenceSession, branches: number) {
    this.#session = session;
    this.#branches = branches;
  }

  /** @param branches number of branches of the model */
  static async create(branches: number): Promise<ExactSearch> {
    const session = await InferenceSession.create(searchGraph(branches), {
      executionProviders: ["cpu"],
      // One thread alone cannot read memory as fast as it comes.
      intraOpNumThreads: Math.min(8, availableParallelism()),
      // A thread that spins after the product keeps a core from those who bring the answer to the user.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    return new ExactSearch(session, branches);
  }

  /**
   * @param query one float32 `[dim]` of norm 1 per branch
   * @param k length of each list; fewer where fewer rows may be found
   */
  async run(
    query: readonly Float32Array[],
    gallery: Pick<Gallery, "count" | "dims" | "matrix">,
    k: number,
    options: SearchOptions = {},
  ): Promise<SearchResult> {
    const { count } = gallery;
    const columns = this.#branches + 1;
    if (count === 0) return Array.from({ length: columns }, () => ({ scores: new Float32Array(), top: [] }));
    const feeds: Record<string, Tensor> = {};
    for (const [b, dim] of gallery.dims.entries()) {
      feeds[`query_${b}`] = new Tensor("float32", query[b]!, [1, dim]);
      const matrix = gallery.matrix(b);
      feeds[`gallery_${b}`] = new Tensor("float32", matrix, [matrix.length / (dim * BLOCK_ROWS), dim, BLOCK_ROWS]);
      const share = options.shares?.[b] ?? 1 / this.#branches;
      feeds[`share_${b}`] = new Tensor("float32", Float32Array.of(share), [1]);
    }
    const outputs = await this.#session.run(feeds);
    const allowed = allowedRows(count, options);
    return Array.from({ length: columns }, (_, column) => {
      // The last block has room for more rows than there are.
      const scores = (outputs[`scores_${column}`]!.data as Float32Array).subarray(0, count);
      return { scores, top: topRows(scores, Math.min(k, count), allowed) };
    });
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** 1 for each row that may be found; undefined where all may. */
function allowedRows(count: number, { without = [], within }: SearchOptions): Uint8Array | undefined {
  if (within === undefined && without.length === 0) return undefined;
  const allowed = new Uint8Array(count).fill(1);
  if (within !== undefined) for (let row = 0; row < count; row++) if (!within(row)) allowed[row] = 0;
  for (const row of without) allowed[row] = 0;
  return allowed;
}

/**
 * Puts names to rows: the ranked lists of each column, and every score of each image that is in one of them.
 * @param least of each column (the branches, then combined): its list ends where its scores fall below
 */
export function nameResult(
  result: SearchResult,
  branches: readonly string[],
  gallery: Gallery,
  least: readonly number[] = [],
): Pick<SimilarResult, "results" | "scores"> {
  const columns = [...branches, COMBINED];
  const results: Record<string, RankedImage[]> = {};
  const scores: Record<string, Record<string, number>> = {};
  for (const [c, column] of columns.entries()) {
    const { scores: values, top: best, ranks } = result[c]!;
    const top = best.filter((row) => values[row]! >= (least[c] ?? Number.NEGATIVE_INFINITY));
    results[column] = top.map((row, i) => {
      const from = ranks?.get(row) ?? i + 1;
      const ranked = { rank: i + 1, path: gallery.pathOf(row), score: values[row]! };
      return from === i + 1 ? ranked : { ...ranked, from };
    });
    for (const row of top) {
      scores[gallery.pathOf(row)] ??= Object.fromEntries(columns.map((name, i) => [name, result[i]!.scores[row]!]));
    }
  }
  return { results, scores };
}
