import { setImmediate } from "node:timers/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { neighbourGraph, scoreGraph } from "./neighbourGraph.ts";

/** The nearest rows of each row, by score, without the row itself. */
export interface NeighbourTable {
  readonly count: number;
  /** Per row; fewer than asked for where there are not enough rows. */
  readonly k: number;
  /** int32 `[count, k]`, from the best down. */
  readonly indices: Int32Array;
  /** Cosines, float32 `[count, k]`. */
  readonly scores: Float32Array;
}

/** Rows of one matrix per branch. */
export interface Rows {
  readonly count: number;
  readonly dims: readonly number[];
  /** Per branch float32 `[count, dim]`, rows of norm 1. */
  readonly matrices: readonly Float32Array[];
}

export interface SearchOptions {
  readonly signal?: AbortSignal | undefined;
  /** After each chunk: queries answered so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Scores held at a time, over all columns: 32 MB. A run cannot be stopped, so more would only make cancelling slower. */
const SCORES_AT_A_TIME = 2 ** 23;
const MAX_QUERIES = 512;

/** Exact search for many queries: Gemm + TopK of onnxruntime in chunks, with a breath for others between them. */
export class NeighbourSearch {
  readonly #branches: number;
  readonly #top: InferenceSession;
  readonly #scores: InferenceSession;

  private constructor(branches: number, top: InferenceSession, scores: InferenceSession) {
    this.#branches = branches;
    this.#top = top;
    this.#scores = scores;
  }

  static async create(branches: number): Promise<NeighbourSearch> {
    const options: InferenceSession.SessionOptions = { executionProviders: ["cpu"] };
    const top = await InferenceSession.create(neighbourGraph(branches), options);
    return new NeighbourSearch(branches, top, await InferenceSession.create(scoreGraph(branches), options));
  }

  /**
   * The `k` best gallery rows of each query, one table per column (the branches, then combined).
   * @param own the gallery row that a query is itself and must not find, or -1
   */
  async nearest(
    queries: Rows,
    gallery: Rows,
    k: number,
    own: (query: number) => number,
    options: SearchOptions = {},
  ): Promise<NeighbourTable[]> {
    let width = Math.min(k, gallery.count);
    // One column fewer where every query is a row of the gallery: none of them has more than count - 1 others.
    if (width === gallery.count && width > 0 && everyQueryIsInside(queries.count, own)) width--;
    const tables = Array.from({ length: this.#branches + 1 }, () => ({
      count: queries.count,
      k: width,
      indices: new Int32Array(queries.count * width),
      scores: new Float32Array(queries.count * width),
    }));
    if (width === 0) return tables;
    const asked = Math.min(width + 1, gallery.count);
    const feed = { k: new Tensor("int64", BigInt64Array.of(BigInt(asked)), [1]) };
    for await (const { start, count, outputs } of this.#chunks(this.#top, queries, gallery, feed, options)) {
      for (const [c, table] of tables.entries()) {
        const best = outputs[`best_${c}`]!.data as Float32Array;
        const top = lowWords(outputs[`top_${c}`]!.data as BigInt64Array);
        for (let q = 0; q < count; q++) {
          const self = own(start + q);
          let to = (start + q) * width;
          const end = to + width;
          for (let i = q * asked; to < end; i++) {
            if (top[2 * i] === self) continue;
            table.indices[to] = top[2 * i]!;
            table.scores[to] = best[i]!;
            to++;
          }
        }
      }
    }
    return tables;
  }

  /** Every score of some queries, chunk by chunk: per column float32 `[count, gallery.count]`, from query `start` on. */
  async *scores(
    queries: Rows,
    gallery: Rows,
    options: SearchOptions = {},
  ): AsyncGenerator<{ readonly start: number; readonly count: number; readonly scores: readonly Float32Array[] }> {
    for await (const { start, count, outputs } of this.#chunks(this.#scores, queries, gallery, {}, options)) {
      const scores = Array.from({ length: this.#branches + 1 }, (_, c) => outputs[`scores_${c}`]!.data as Float32Array);
      yield { start, count, scores };
    }
  }

  async release(): Promise<void> {
    await this.#top.release();
    await this.#scores.release();
  }

  async *#chunks(
    session: InferenceSession,
    queries: Rows,
    gallery: Rows,
    feed: Readonly<Record<string, Tensor>>,
    { signal, onProgress }: SearchOptions,
  ) {
    const scoresPerQuery = gallery.count * (this.#branches + 1);
    const size = Math.max(1, Math.min(MAX_QUERIES, Math.floor(SCORES_AT_A_TIME / Math.max(1, scoresPerQuery))));
    const galleries = gallery.dims.map((dim, b) => new Tensor("float32", gallery.matrices[b]!, [gallery.count, dim]));
    for (let start = 0; start < queries.count; start += size) {
      signal?.throwIfAborted();
      const count = Math.min(size, queries.count - start);
      const feeds: Record<string, Tensor> = { ...feed };
      for (const [b, dim] of queries.dims.entries()) {
        const chunk = queries.matrices[b]!.subarray(start * dim, (start + count) * dim);
        feeds[`query_${b}`] = new Tensor("float32", chunk, [count, dim]);
        feeds[`gallery_${b}`] = galleries[b]!;
      }
      yield { start, count, outputs: await session.run(feeds) };
      onProgress?.(start + count);
      // The run held the event loop; whoever waits (a query, a cancel) goes first.
      await setImmediate();
    }
  }
}

/** Copies some rows together. */
export function gather(rows: Rows, picked: ArrayLike<number>): Rows {
  const matrices = rows.dims.map((dim, b) => {
    const matrix = new Float32Array(picked.length * dim);
    for (let i = 0; i < picked.length; i++) {
      matrix.set(rows.matrices[b]!.subarray(picked[i]! * dim, (picked[i]! + 1) * dim), i * dim);
    }
    return matrix;
  });
  return { count: picked.length, dims: rows.dims, matrices };
}

function everyQueryIsInside(queries: number, own: (query: number) => number): boolean {
  for (let q = 0; q < queries; q++) if (own(q) < 0) return false;
  return true;
}

/** Row numbers fit 32 bits, and reading them as such makes no BigInt per value (every platform is little endian). */
function lowWords(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}
