import { loadVectors, type VectorSet } from "../../../src/core/neighbours/index.ts";
import type { NeighbourTable, Rows } from "../../../src/core/neighbours/neighbourSearch.ts";
import type { EmbeddingSource } from "../../../src/core/search/index.ts";
import { DEFAULT_PROJECTION, type ProjectionParameters } from "../../../src/shared/index.ts";
import { clusteredVectors } from "../../fixtures/clusteredVectors.ts";

export const DESCRIPTORS = ["spoc", "mac", "gem"];

export const parameters = (changes: Partial<ProjectionParameters> = {}): ProjectionParameters => ({
  ...DEFAULT_PROJECTION,
  ...changes,
});

/** Embeddings by path, branches side by side, as an index would give them. */
export function clusteredImages(count: number, seed = 1, dim = 16): Map<string, Float32Array> {
  const { matrices, classes } = clusteredVectors({ count, dims: [dim, dim, dim], classes: 8, seed });
  return new Map(
    Array.from({ length: count }, (_, row) => {
      const embedding = new Float32Array(3 * dim);
      for (const [b, matrix] of matrices.entries()) embedding.set(matrix.subarray(row * dim, (row + 1) * dim), b * dim);
      return [`class ${classes[row]}/${String(row).padStart(5, "0")}.png`, embedding];
    }),
  );
}

/** A source over a map that a test may change between two reads. */
export function sourceOf(
  images: Map<string, Float32Array>,
  place = "/nowhere/index.sqlite",
  dim = 16,
): EmbeddingSource {
  return {
    model: { name: "test", fingerprint: "f00d", descriptors: DESCRIPTORS },
    dims: [dim, dim, dim],
    place,
    paths: async () => [...images.keys()],
    async *embeddings() {
      for (const [path, embedding] of images) yield { path, embedding };
    },
  };
}

export function vectorsOf(images: Map<string, Float32Array>): Promise<VectorSet> {
  return loadVectors(sourceOf(images), parameters());
}

export function rowsOf({ paths, dims, matrices }: VectorSet): Rows {
  return { count: paths.length, dims, matrices };
}

/** Score of two rows in a column, in float64; the last column is combined. */
export function cosine({ dims, matrices }: Rows, column: number, i: number, j: number): number {
  const branch = (b: number) => {
    const dim = dims[b]!;
    let dot = 0;
    for (let d = 0; d < dim; d++) dot += matrices[b]![i * dim + d]! * matrices[b]![j * dim + d]!;
    return dot;
  };
  if (column < dims.length) return branch(column);
  return dims.reduce((sum, _, b) => sum + branch(b), 0) / dims.length;
}

/** All other rows, from the best score down. */
export function ranking(rows: Rows, column: number, i: number): number[] {
  const others = Array.from({ length: rows.count }, (_, j) => j).filter((j) => j !== i);
  const scores = others.map((j) => cosine(rows, column, i, j));
  return others
    .map((j, at) => ({ j, score: scores[at]! }))
    .sort((a, b) => b.score - a.score || a.j - b.j)
    .map(({ j }) => j);
}

export function listOf(table: NeighbourTable, row: number): number[] {
  return [...table.indices.subarray(row * table.k, (row + 1) * table.k)];
}
