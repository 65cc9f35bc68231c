import type { FileHandle } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Index } from "usearch";
import { isGraph } from "./savedGraph.ts";

type Usearch = Pick<typeof import("usearch"), "Index" | "MetricKind" | "ScalarKind">;

/** Its package has no build for some platforms (Windows on ARM). There the module is absent, or cannot be loaded. */
export async function loadUsearch(): Promise<Usearch | null> {
  try {
    return await import("usearch");
  } catch {
    return null;
  }
}

/** How much is spent on a graph: recall against time. */
export interface GraphShape {
  /** Nodes looked at while searching. */
  readonly searchExpansion: number;
  /** Threads that build. With one, the same vectors in the same order give the same graph. */
  readonly builders: number;
}

/**
 * For searching past memory. Building with 128 takes 1.7 times as long, and what it finds more is found by looking at more
 * while searching: at a million images of three branches 512 instead of 128 bring the recall of combined from .971 to
 * above .98. A core is left to whoever searches meanwhile.
 */
const PAST_MEMORY: GraphShape = { searchExpansion: 512, builders: Math.max(1, availableParallelism() - 1) };

/** Links of a node, and how many nodes are looked at while building. */
const LINKS = 16;
const BUILD_EXPANSION = 64;

/**
 * An HNSW graph (Malkov, Yashunin 2016) over the vectors of one branch, by inner product, which is the score of vectors of
 * norm 1. Its vectors are float16: half the bytes, and the order is made exact afterwards anyway.
 */
export class NativeIndex {
  readonly #index: Index;
  readonly #builders: number;

  private constructor(index: Index, builders: number) {
    this.#index = index;
    this.#builders = builders;
  }

  static empty({ Index, MetricKind, ScalarKind }: Usearch, dim: number, shape = PAST_MEMORY): NativeIndex {
    const index = new Index({
      dimensions: dim,
      metric: MetricKind.IP,
      quantization: ScalarKind.F16,
      connectivity: LINKS,
      expansion_add: BUILD_EXPANSION,
      expansion_search: shape.searchExpansion,
      multi: false,
    });
    return new NativeIndex(index, shape.builders);
  }

  /**
   * Whether an open file is such an index of so many vectors that native code can follow it anywhere without leaving it. What is in it
   * may still be nonsense.
   */
  static isSaved(handle: FileHandle, dim: number, rows: number): Promise<boolean> {
    return isGraph(handle, { dim, rows, links: LINKS });
  }

  /** Maps a saved index into memory: pages are read when they are needed, and may be dropped again. @throws where it cannot be */
  static view(usearch: Usearch, dim: number, file: string): NativeIndex {
    const index = NativeIndex.empty(usearch, dim);
    index.#index.view(file);
    return index;
  }

  get size(): number {
    return Number(this.#index.size());
  }

  /** @param vectors float32 `[keys, dim]`, rows of norm 1 */
  add(keys: BigUint64Array, vectors: Float32Array): void {
    this.#index.add(keys, vectors, this.#builders);
  }

  /**
   * About the `k` vectors that score highest, from the best down: their keys, and 1 less their scores.
   * @param query float32 `[dim]` of norm 1
   */
  nearest(query: Float32Array, k: number): { readonly keys: BigUint64Array; readonly distances: Float32Array } {
    return this.#index.search(query, Math.min(k, this.size), 1);
  }

  save(file: string): void {
    this.#index.save(file);
  }
}

export type { Usearch };
