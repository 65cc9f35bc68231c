import type { ProjectionParameters } from "../../shared/index.ts";
import type { Neighbourhoods } from "./fuzzyGraph.ts";
import type { NeighbourSearch, NeighbourTable, Rows } from "./neighbourSearch.ts";
import type { ProjectOptions } from "./project.ts";
import type { Reuse } from "./reuse.ts";
import { updateNeighbours } from "./updateNeighbours.ts";
import type { VectorSet } from "./vectors.ts";

/** Neighbours kept of each image, even where a map is made from fewer: they are also shown. */
const LISTED = 15;

/** Cosines of 1 come out of float16 embeddings and float32 sums with about this error. */
const ROUNDING = 1e-6;

/** The neighbour tables of all columns: kept, brought up to date, or searched. Those of placed rows name fitted rows only. */
export async function findNeighbours(
  search: NeighbourSearch,
  vectors: VectorSet,
  columns: readonly string[],
  { neighbours }: ProjectionParameters,
  reuse: Reuse,
  { signal, onProgress = () => {} }: Pick<ProjectOptions, "signal" | "onProgress">,
): Promise<ReadonlyMap<string, NeighbourTable>> {
  if (reuse.kind === "all") return reuse.previous.tables;
  const count = vectors.paths.length;
  const { fitted, dims, matrices } = vectors;
  const rows: Rows = { count, dims, matrices };
  const k = Math.max(neighbours - 1, LISTED);
  const report = (before: number) => (done: number) =>
    onProgress({ phase: "neighbours", done: (before + done) / Math.max(1, count) });
  if (reuse.kind === "part") {
    const old = columns.map((column) => reuse.previous.tables.get(column)!);
    return named(columns, await updateNeighbours(search, rows, k, old, reuse.origin, { signal }));
  }
  const core = slice(rows, 0, fitted);
  const among = await search.nearest(core, core, k, (q) => q, { signal, onProgress: report(0) });
  if (fitted === count) return named(columns, among);
  const rest = slice(rows, fitted, count);
  const width = among[0]!.k;
  const placed = await search.nearest(rest, core, width, () => -1, { signal, onProgress: report(fitted) });
  return named(
    columns,
    among.map((table, c) => stack(table, placed[c]!)),
  );
}

/** The part of a table that a map is made from, with distances 1 - cosine. */
export function neighbourhoods(
  { count, k, indices, scores }: NeighbourTable,
  neighbours: number,
  rows = count,
): Neighbourhoods {
  // UMAP counts the image itself as one of its neighbours.
  const width = Math.min(k, neighbours - 1);
  const near = new Int32Array(rows * width);
  const distances = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) {
      near[row * width + j] = indices[row * k + j]!;
      const distance = 1 - scores[row * k + j]!;
      distances[row * width + j] = distance > ROUNDING ? distance : 0;
    }
  }
  return { count: rows, k: width, indices: near, distances };
}

function slice({ dims, matrices }: Rows, from: number, to: number): Rows {
  return {
    count: to - from,
    dims,
    matrices: matrices.map((matrix, b) => matrix.subarray(from * dims[b]!, to * dims[b]!)),
  };
}

function stack(upper: NeighbourTable, lower: NeighbourTable): NeighbourTable {
  const indices = new Int32Array(upper.indices.length + lower.indices.length);
  const scores = new Float32Array(indices.length);
  indices.set(upper.indices);
  indices.set(lower.indices, upper.indices.length);
  scores.set(upper.scores);
  scores.set(lower.scores, upper.scores.length);
  return { count: upper.count + lower.count, k: upper.k, indices, scores };
}

function named(columns: readonly string[], tables: readonly NeighbourTable[]): Map<string, NeighbourTable> {
  return new Map(columns.map((column, c) => [column, tables[c]!]));
}
