import { gather, type NeighbourSearch, type NeighbourTable, type Rows, type SearchOptions } from "./neighbourSearch.ts";

/**
 * Brings neighbour tables up to date after rows were added, changed or removed, with the same result as searching anew.
 * Only rows that are fresh, or that lost a neighbour, are searched against all; the others against the fresh rows.
 * @param rows all rows as they are now
 * @param old tables of the earlier rows, one per column
 * @param origin per present row: its row in `old`, or -1 where it is new or changed
 */
export async function updateNeighbours(
  search: NeighbourSearch,
  rows: Rows,
  k: number,
  old: readonly NeighbourTable[],
  origin: Int32Array,
  options: SearchOptions = {},
): Promise<NeighbourTable[]> {
  const width = Math.max(0, Math.min(k, rows.count - 1));
  const position = new Int32Array(old[0]!.count).fill(-1);
  for (const [row, from] of origin.entries()) if (from >= 0) position[from] = row;
  const whole: number[] = [];
  const kept: number[] = [];
  const fresh: number[] = [];
  for (const [row, from] of origin.entries()) {
    if (from < 0) fresh.push(row);
    if (from < 0 || old.some((table) => table.k < width || lostNeighbour(table, from, position))) whole.push(row);
    else kept.push(row);
  }
  const tables = old.map(() => ({
    count: rows.count,
    k: width,
    indices: new Int32Array(rows.count * width),
    scores: new Float32Array(rows.count * width),
  }));
  const renewed = await search.nearest(gather(rows, whole), rows, k, (q) => whole[q]!, options);
  for (const [c, table] of tables.entries()) {
    for (const [q, row] of whole.entries()) {
      table.indices.set(renewed[c]!.indices.subarray(q * width, (q + 1) * width), row * width);
      table.scores.set(renewed[c]!.scores.subarray(q * width, (q + 1) * width), row * width);
    }
  }
  const arrivals = await search.nearest(gather(rows, kept), gather(rows, fresh), k, () => -1, options);
  for (const [c, table] of tables.entries()) {
    for (const [q, row] of kept.entries()) merge(table, row, old[c]!, origin[row]!, position, arrivals[c]!, q, fresh);
  }
  return tables;
}

function lostNeighbour({ k, indices }: NeighbourTable, row: number, position: Int32Array): boolean {
  for (let i = row * k; i < (row + 1) * k; i++) if (position[indices[i]!]! < 0) return true;
  return false;
}

/** Merges two lists that both fall by score; where two scores are equal the lower row goes first, as in TopK. */
function merge(
  target: NeighbourTable,
  row: number,
  old: NeighbourTable,
  oldRow: number,
  position: Int32Array,
  arrivals: NeighbourTable,
  arrivalRow: number,
  fresh: readonly number[],
): void {
  let left = oldRow * old.k;
  let right = arrivalRow * arrivals.k;
  const rightEnd = right + arrivals.k;
  for (let to = row * target.k; to < (row + 1) * target.k; to++) {
    const keptRow = position[old.indices[left]!]!;
    const freshRow = right < rightEnd ? fresh[arrivals.indices[right]!]! : -1;
    const better = freshRow >= 0 ? arrivals.scores[right]! - old.scores[left]! : -1;
    if (better > 0 || (better === 0 && freshRow < keptRow)) {
      target.indices[to] = freshRow;
      target.scores[to] = arrivals.scores[right]!;
      right++;
    } else {
      target.indices[to] = keptRow;
      target.scores[to] = old.scores[left]!;
      left++;
    }
  }
}
