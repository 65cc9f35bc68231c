import type { ProjectionParameters } from "../../shared/index.ts";
import type { NeighbourSearch, NeighbourTable, Rows, VectorSet } from "../neighbours/index.ts";
import { neighboursOfAll, updateNeighbours } from "../neighbours/index.ts";
import type { Neighbourhoods } from "./fuzzyGraph.ts";
import type { ProjectOptions } from "./projection.ts";
import type { Reuse } from "./reuse.ts";

/** Neighbours kept of each image, even where a map is made from fewer: they are also shown. */
const LISTED = 15;

/** Cosines of 1 come out of float16 embeddings and float32 sums with about this error. */
const ROUNDING = 1e-6;

/** The neighbour tables of all columns: kept, brought up to date, or searched. */
export async function findNeighbours(
  search: NeighbourSearch,
  vectors: VectorSet,
  columns: readonly string[],
  { neighbours }: ProjectionParameters,
  reuse: Reuse,
  { signal, onProgress = () => {}, exactUpTo }: Pick<ProjectOptions, "signal" | "onProgress" | "exactUpTo">,
): Promise<ReadonlyMap<string, NeighbourTable>> {
  if (reuse.kind === "all") return reuse.previous.tables;
  const count = vectors.paths.length;
  const { dims, matrices } = vectors;
  const rows: Rows = { count, dims, matrices };
  const k = Math.max(neighbours - 1, LISTED);
  if (reuse.kind === "part") {
    const old = columns.map((column) => reuse.previous.tables.get(column)!);
    return named(columns, await updateNeighbours(search, rows, k, old, reuse.origin, { signal }));
  }
  const progress = (done: number) => onProgress({ phase: "neighbours", done: done / count });
  return named(columns, await neighboursOfAll(search, rows, k, { signal, exactUpTo, onProgress: progress }));
}

/** The part of a table that a map is made from, with distances 1 - cosine. */
export function neighbourhoods({ count, k, indices, scores }: NeighbourTable, neighbours: number): Neighbourhoods {
  // UMAP counts the image itself as one of its neighbours.
  const width = Math.min(k, neighbours - 1);
  const near = new Int32Array(count * width);
  const distances = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < width; j++) {
      near[row * width + j] = indices[row * k + j]!;
      const distance = 1 - scores[row * k + j]!;
      distances[row * width + j] = distance > ROUNDING ? distance : 0;
    }
  }
  return { count, k: width, indices: near, distances };
}

function named(columns: readonly string[], tables: readonly NeighbourTable[]): Map<string, NeighbourTable> {
  return new Map(columns.map((column, c) => [column, tables[c]!]));
}
