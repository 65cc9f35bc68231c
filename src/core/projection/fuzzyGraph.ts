/** Nearest neighbours of `count` points: row i of both arrays, from the nearest on, without the point itself. */
export interface Neighbourhoods {
  readonly count: number;
  /** Neighbours per point. */
  readonly k: number;
  /** int32 `[count, k]`. */
  readonly indices: Int32Array;
  /** float32 `[count, k]`, rising, 0 or more. */
  readonly distances: Float32Array;
}

/** A weighted graph as a list of edges, ordered by `heads`; each edge is there in both directions. */
export interface EdgeList {
  /** int32 `[edges]`. */
  readonly heads: Int32Array;
  readonly tails: Int32Array;
  /** float32 `[edges]`, above 0, at most 1. */
  readonly weights: Float32Array;
}

const SEARCH_STEPS = 64;
const TOLERANCE = 1e-5;
/** A point's kernel is never narrower than this share of the mean distance. */
const MIN_SCALE = 1e-3;

/**
 * UMAP's fuzzy graph: how far each point belongs to the neighbourhood of each other one (McInnes et al., "UMAP", 2018,
 * section 3.1 and algorithms 2 and 3). The numbers are those of umap-learn for n_neighbors = k + 1, since it counts the point itself.
 */
export function fuzzyGraph(neighbourhoods: Neighbourhoods): EdgeList {
  return unite(neighbourhoods, memberships(neighbourhoods));
}

/** Directed weights, float32 `[count, k]`: exp(-(d - rho) / sigma), so that each row sums to log2(k + 1). */
export function memberships({ count, k, distances }: Neighbourhoods): Float32Array {
  const weights = new Float32Array(count * k);
  const target = Math.log2(k + 1);
  let total = 0;
  for (const distance of distances) total += distance;
  const meanOfAll = count === 0 ? 0 : total / (count * (k + 1));
  for (let i = 0; i < count; i++) {
    const row = distances.subarray(i * k, (i + 1) * k);
    const rho = row.find((distance) => distance > 0) ?? 0;
    let mean = meanOfAll;
    if (rho > 0) {
      mean = 0;
      for (const distance of row) mean += distance;
      mean /= k + 1;
    }
    const sigma = Math.max(kernelWidth(row, rho, target), MIN_SCALE * mean);
    for (let j = 0; j < k; j++) {
      const beyond = row[j]! - rho;
      weights[i * k + j] = beyond <= 0 ? 1 : Math.exp(-beyond / sigma);
    }
  }
  return weights;
}

/** The sigma for which the row's memberships sum to `target`, by bisection. */
function kernelWidth(row: Float32Array, rho: number, target: number): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let sigma = 1;
  for (let step = 0; step < SEARCH_STEPS; step++) {
    let sum = 0;
    for (const distance of row) sum += distance > rho ? Math.exp(-(distance - rho) / sigma) : 1;
    if (Math.abs(sum - target) < TOLERANCE) break;
    if (sum > target) {
      high = sigma;
      sigma = (low + high) / 2;
    } else {
      low = sigma;
      sigma = high === Number.POSITIVE_INFINITY ? sigma * 2 : (low + high) / 2;
    }
  }
  return sigma;
}

/** The fuzzy union of the two directions of each edge: w + w' - w w'. */
function unite({ count, k, indices }: Neighbourhoods, weights: Float32Array): EdgeList {
  // Who names whom, turned round: a list of incoming edges per point.
  const starts = new Int32Array(count + 1);
  for (const tail of indices) starts[tail + 1]!++;
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const fill = starts.slice(0, count);
  const incoming = new Int32Array(count * k);
  for (let e = 0; e < count * k; e++) {
    const tail = indices[e]!;
    incoming[fill[tail]!] = e;
    fill[tail]!++;
  }

  const heads = new Int32Array(2 * count * k);
  const tails = new Int32Array(2 * count * k);
  const united = new Float32Array(2 * count * k);
  // Where the edge to each point lies in the list of the present head; an older mark lies before `first`.
  const slot = new Int32Array(count).fill(-1);
  let edges = 0;
  for (let head = 0; head < count; head++) {
    const first = edges;
    const add = (tail: number, weight: number) => {
      const at = slot[tail]!;
      if (at >= first) {
        united[at] = united[at]! + weight - united[at]! * weight;
        return;
      }
      slot[tail] = edges;
      heads[edges] = head;
      tails[edges] = tail;
      united[edges] = weight;
      edges++;
    };
    for (let e = head * k; e < (head + 1) * k; e++) if (weights[e]! > 0) add(indices[e]!, weights[e]!);
    for (let at = starts[head]!; at < starts[head + 1]!; at++) {
      const e = incoming[at]!;
      if (weights[e]! > 0) add(Math.floor(e / k), weights[e]!);
    }
  }
  return { heads: heads.slice(0, edges), tails: tails.slice(0, edges), weights: united.slice(0, edges) };
}
