import type { BranchRows } from "../adaptation/index.ts";
import { type EmbeddingSource, normalise } from "../search/index.ts";

/**
 * Some images of an index in each branch, evenly spread over their paths.
 * @returns rows of norm 1, at most `most` of them
 * @throws the signal's reason
 */
export async function someRows(
  source: EmbeddingSource,
  most: number,
  signal?: AbortSignal,
): Promise<readonly BranchRows[]> {
  const paths = await source.paths();
  const count = Math.min(most, paths.length);
  const wanted = new Set(Array.from({ length: count }, (_, i) => paths[Math.floor((i * paths.length) / count)]!));
  const branches = source.dims.map((dim) => ({ dim, values: new Float32Array(count * dim) }));
  let row = 0;
  for await (const { path, embedding } of source.embeddings()) {
    signal?.throwIfAborted();
    if (row === count || !wanted.has(path)) continue;
    let offset = 0;
    for (const { dim, values } of branches) {
      const own = values.subarray(row * dim, (row + 1) * dim);
      own.set(embedding.subarray(offset, offset + dim));
      normalise(own);
      offset += dim;
    }
    row++;
  }
  return branches.map(({ dim, values }) => ({ dim, values: values.subarray(0, row * dim) }));
}
