import { loadUsearch } from "../hnsw/index.ts";
import { approximateNeighbours } from "./approximateNeighbours.ts";
import type { NeighbourSearch, NeighbourTable, Rows, SearchOptions } from "./neighbourSearch.ts";

/**
 * Searching all rows exactly costs count^2. Beyond this number most neighbours are found by a graph, where usearch is there
 * to make one; elsewhere it takes the time that it takes.
 */
export const EXACT_UP_TO = 50_000;

/** The neighbours of all rows, one table per column (the branches, then combined). */
export async function neighboursOfAll(
  search: NeighbourSearch,
  rows: Rows,
  k: number,
  { exactUpTo = EXACT_UP_TO, ...options }: SearchOptions & { readonly exactUpTo?: number | undefined } = {},
): Promise<NeighbourTable[]> {
  if (rows.count > exactUpTo && (await loadUsearch()) !== null) {
    return approximateNeighbours(search, rows, k, options);
  }
  return search.nearest(rows, rows, k, (row) => row, options);
}
