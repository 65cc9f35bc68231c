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
   * @param k length of each list; fewer where the gallery has fewer
   * @param without a row to leave out: the query itself
   */
  async run(query: readonly Float32Array[], gallery: Gallery, k: number, without?: number): Promise<SearchResult> {
    const { count } = gallery;
    const columns = this.#branches + 1;
    if (count === 0) return Array.from({ length: columns }, () => ({ scores: new Float32Array(), top: [] }));
    const wanted = Math.min(count, without === undefined ? k : k + 1);
    const feeds: Record<string, Tensor> = { k: new Tensor("int64", BigInt64Array.of(BigInt(wanted)), [1]) };
    for (const [b, dim] of gallery.dims.entries()) {
      feeds[`query_${b}`] = new Tensor("float32", query[b]!, [1, dim]);
      feeds[`gallery_${b}`] = new Tensor("float32", gallery.matrix(b), [count, dim]);
    }
    const outputs = await this.#session.run(feeds);
    return Array.from({ length: columns }, (_, column) => ({
      scores: outputs[`scores_${column}`]!.data as Float32Array,
      top: Array.from(outputs[`top_${column}`]!.data as BigInt64Array, Number)
        .filter((row) => row !== without)
        .slice(0, k),
    }));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Puts names to rows: the ranked lists of each column, and every score of each image that is in one of them. */
export function nameResult(
  result: SearchResult,
  branches: readonly string[],
  gallery: Gallery,
): Pick<SimilarResult, "results" | "scores"> {
  const columns = [...branches, COMBINED];
  const results: Record<string, RankedImage[]> = {};
  const scores: Record<string, Record<string, number>> = {};
  for (const [c, column] of columns.entries()) {
    const { scores: values, top } = result[c]!;
    results[column] = top.map((row, i) => ({ rank: i + 1, path: gallery.pathOf(row), score: values[row]! }));
    for (const row of top) {
      scores[gallery.pathOf(row)] ??= Object.fromEntries(columns.map((name, i) => [name, result[i]!.scores[row]!]));
    }
  }
  return { results, scores };
}
