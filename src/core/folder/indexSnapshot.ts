import type { StoreSnapshot } from "../index/index.ts";
import type { Embedder } from "../runtime/index.ts";
import type { IndexSnapshot } from "../search/index.ts";
import { normalise } from "../search/index.ts";

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
