import { NeighbourSearch } from "../neighbours/index.ts";
import { type EmbeddingSource, normalise } from "../search/index.ts";
import type { BranchScores } from "./averagePrecision.ts";

/** The cosines of some images of an index with each other. */
export interface KnownScores extends BranchScores {
  /** Row by path; images that are not in the index have none. */
  readonly rows: ReadonlyMap<string, number>;
}

/** @throws the signal's reason */
export async function branchScores(
  source: EmbeddingSource,
  wanted: readonly string[],
  signal?: AbortSignal,
): Promise<KnownScores> {
  const asked = new Set(wanted);
  const found: (readonly [path: string, embedding: Float32Array])[] = [];
  for await (const { path, embedding } of source.embeddings()) {
    signal?.throwIfAborted();
    if (asked.has(path)) found.push([path, embedding.slice()]);
  }
  // In the order that was asked for, not in that of the disk.
  const order = new Map(wanted.map((path, i) => [path, i]));
  found.sort(([a], [b]) => order.get(a)! - order.get(b)!);
  const count = found.length;
  let offset = 0;
  const matrices = source.dims.map((dim) => {
    const matrix = new Float32Array(count * dim);
    for (const [row, [, embedding]] of found.entries()) {
      const branch = matrix.subarray(row * dim, (row + 1) * dim);
      branch.set(embedding.subarray(offset, offset + dim));
      normalise(branch);
    }
    offset += dim;
    return matrix;
  });
  const scores = source.dims.map(() => new Float32Array(count * count));
  const search = await NeighbourSearch.create(source.dims.length);
  try {
    const all = { count, dims: source.dims, matrices };
    for await (const chunk of search.scores(all, all, { signal })) {
      for (const [b, matrix] of scores.entries()) matrix.set(chunk.scores[b]!, chunk.start * count);
    }
  } finally {
    await search.release();
  }
  return { count, scores, rows: new Map(found.map(([path], row) => [path, row])) };
}
