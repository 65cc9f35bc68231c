import pLimit from "p-limit";
import { ColumnGraph } from "./columnGraph.ts";
import { gather, type NeighbourSearch, type NeighbourTable, type Rows, type SearchOptions } from "./neighbourSearch.ts";
import { Random } from "./random.ts";

/** Columns that are searched at the same time. */
const WORKERS = 2;
/** Rows that a worker is given at a time. */
const BATCH = 256;
/** More candidates than are wanted: the graph orders by float16. */
const SPARE = 5;
/** Nodes looked at per query, at least: at 20,000 rows of 512 values 64 find 99.6 % of the neighbours, 32 find 96 %. */
const SEARCH_EXPANSION = 64;

/**
 * The neighbours of all rows as `NeighbourSearch.nearest` finds them, but only most of them: candidates come from an HNSW
 * graph per column (Malkov, Yashunin 2016; usearch), and are ordered by their exact scores. The time grows with the number
 * of rows and its logarithm, not with its square. The same rows give the same tables.
 * @param search for the rows of which the graph finds too few, as it may among many that are the same
 * @returns one table per column (the branches, then combined)
 */
export async function approximateNeighbours(
  search: NeighbourSearch,
  rows: Rows,
  k: number,
  { signal, onProgress = () => {} }: SearchOptions,
): Promise<NeighbourTable[]> {
  const width = Math.max(0, Math.min(k, rows.count - 1));
  const branches = rows.dims.map((_, b) => b);
  const columns = [...branches.map((b) => [b]), branches];
  // Each row is added and asked once per column.
  let handled = 0;
  const report = (more: number) => {
    handled += more;
    onProgress(handled / (2 * columns.length));
  };
  const failure = new AbortController();
  const stop = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const turn = pLimit(WORKERS);
  const one = async (parts: readonly number[], c: number) => {
    try {
      const { table, short } = await searchColumn(rows, parts, width, stop, report);
      await completeRows(search, rows, c, table, short, stop);
      return table;
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
  return Promise.all(columns.map((parts, c) => turn(() => one(parts, c))));
}

/** @param parts branches of the column: one, or all for combined */
async function searchColumn(
  rows: Rows,
  parts: readonly number[],
  width: number,
  signal: AbortSignal,
  onRows: (rows: number) => void,
) {
  const { count } = rows;
  signal.throwIfAborted();
  const dim = parts.reduce((sum, b) => sum + rows.dims[b]!, 0);
  const k = Math.min(count, width + 1 + SPARE);
  const graph = new ColumnGraph({ dim, searchExpansion: Math.max(SEARCH_EXPANSION, 2 * k) });
  try {
    // Folders are often classes. Added class by class, the graph has too few ways from one to another.
    const order = shuffled(count);
    for (let start = 0; start < count; start += BATCH) {
      const batch = order.slice(start, start + BATCH);
      await graph.ask({ kind: "add", rows: batch, vectors: sideBySide(rows, parts, batch) });
      signal.throwIfAborted();
      onRows(batch.length);
    }
    const table = {
      count,
      k: width,
      indices: new Int32Array(count * width),
      scores: new Float32Array(count * width),
    };
    const short: number[] = [];
    for (let start = 0; start < count; start += BATCH) {
      const batch = Int32Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
      const found = await graph.ask({ kind: "find", k, vectors: sideBySide(rows, parts, batch) });
      signal.throwIfAborted();
      for (const [i, row] of batch.entries()) {
        const candidates = found.subarray(i * k, (i + 1) * k).filter((other) => other >= 0 && other !== row);
        if (candidates.length < width) short.push(row);
        else writeBest(rows, parts, row, candidates, table);
      }
      onRows(batch.length);
    }
    return { table, short };
  } finally {
    await graph.end();
  }
}

/** Orders candidates by their exact scores, equal ones by row as TopK does, and keeps the best. */
function writeBest(
  rows: Rows,
  parts: readonly number[],
  row: number,
  candidates: Int32Array,
  { k, indices, scores }: NeighbourTable,
): void {
  const score = new Map(Array.from(candidates, (other) => [other, cosine(rows, parts, row, other)]));
  const best = [...candidates].sort((a, b) => score.get(b)! - score.get(a)! || a - b);
  for (let j = 0; j < k; j++) {
    indices[row * k + j] = best[j]!;
    scores[row * k + j] = score.get(best[j]!)!;
  }
}

/** The mean of the cosines of some branches. */
function cosine({ dims, matrices }: Rows, parts: readonly number[], one: number, other: number): number {
  let sum = 0;
  for (const b of parts) {
    const dim = dims[b]!;
    const matrix = matrices[b]!;
    const p = one * dim;
    const q = other * dim;
    for (let i = 0; i < dim; i++) sum += matrix[p + i]! * matrix[q + i]!;
  }
  return sum / parts.length;
}

async function completeRows(
  search: NeighbourSearch,
  rows: Rows,
  column: number,
  { k, indices, scores }: NeighbourTable,
  short: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  if (short.length === 0) return;
  const exact = await search.nearest(gather(rows, short), rows, k, (q) => short[q]!, { signal });
  for (const [q, row] of short.entries()) {
    indices.set(exact[column]!.indices.subarray(q * k, (q + 1) * k), row * k);
    scores.set(exact[column]!.scores.subarray(q * k, (q + 1) * k), row * k);
  }
}

/** Some rows of some branches, each row's branches side by side. */
function sideBySide({ dims, matrices }: Rows, parts: readonly number[], picked: Int32Array): Float32Array {
  const width = parts.reduce((sum, b) => sum + dims[b]!, 0);
  const vectors = new Float32Array(picked.length * width);
  for (const [i, row] of picked.entries()) {
    let to = i * width;
    for (const b of parts) {
      vectors.set(matrices[b]!.subarray(row * dims[b]!, (row + 1) * dims[b]!), to);
      to += dims[b]!;
    }
  }
  return vectors;
}

function shuffled(count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const random = new Random(count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.unit() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
