import type { Branch, ModelSummary } from "../../shared/index.ts";
import { normalise } from "../retrieval/index.ts";
import type { Embedder } from "../runtime/index.ts";
import type { StoreSnapshot } from "./store.ts";

/** The embeddings of an index as they are at one moment, with the model that made them. */
export interface IndexSnapshot {
  readonly model: ModelSummary;
  /** In the model's order: how a row splits. */
  readonly branches: readonly Branch[];
  /** Relative to the folder, with `/`, in the order of their code points. */
  readonly paths: readonly string[];
  /**
   * One float32 `[sum of dims]` per path, in the same order, as often as asked: the branches side by side, each of norm 1
   * (a branch of zeros stays so). The array is reused between steps.
   */
  rows(): AsyncIterable<Float32Array>;
  close(): Promise<void>;
}

/** Puts the model's names to a snapshot of a store, and brings each branch to norm 1, which float16 rounding disturbs. */
export function nameSnapshot(store: StoreSnapshot, { summary, manifest }: Embedder): IndexSnapshot {
  const branches = manifest.descriptors;
  async function* rows(): AsyncGenerator<Float32Array> {
    for await (const row of store.embeddings()) {
      let offset = 0;
      for (const { dim } of branches) {
        normalise(row.subarray(offset, offset + dim));
        offset += dim;
      }
      yield row;
    }
  }
  return { model: summary, branches, paths: store.paths, rows, close: () => store.close() };
}
