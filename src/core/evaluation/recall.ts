/** Embeddings of labelled images: each image queries all others, and images of its own label are what it should find. */
export interface LabelledEmbeddings {
  /** float32 `[N, dim]`, rows of norm 1. */
  readonly embeddings: Float32Array;
  readonly dim: number;
  /** One per row. */
  readonly labels: readonly string[];
}

export interface RetrievalScores {
  /** Recall@K by K: share of queries with an image of their label among the first K (Jegou et al., 2011, as used in metric learning). */
  readonly recall: Readonly<Record<number, number>>;
  /**
   * MAP@R: mean over queries of (1/R) * sum over i = 1..R of P(i) where the i-th result has the query's label, else 0;
   * R is the number of other images of that label (Musgrave et al., "A Metric Learning Reality Check", 2020, section 2.3).
   */
  readonly mapAtR: number;
  /** Queries that have at least one other image of their label; the others are left out. */
  readonly queries: number;
}

/** Exact, by all N x N scores; ties are ranked by row. @throws RangeError where the sizes do not fit */
export function evaluateRetrieval(
  { embeddings, dim, labels }: LabelledEmbeddings,
  ks: readonly number[] = [1, 2, 4, 8],
): RetrievalScores {
  const count = labels.length;
  if (embeddings.length !== count * dim) {
    throw new RangeError(`${embeddings.length} values for ${count} embeddings of ${dim}`);
  }
  const sizes = new Map<string, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const hits = ks.map(() => 0);
  let queries = 0;
  let mapSum = 0;
  for (let query = 0; query < count; query++) {
    const relevant = sizes.get(labels[query]!)! - 1;
    if (relevant === 0) continue;
    queries++;
    const order = rank(embeddings, dim, count, query);
    const first = order.findIndex((row) => labels[row] === labels[query]);
    for (const [i, k] of ks.entries()) if (first < k) hits[i]!++;
    let found = 0;
    let precision = 0;
    for (let i = 0; i < relevant; i++) {
      if (labels[order[i]!] !== labels[query]) continue;
      found++;
      precision += found / (i + 1);
    }
    mapSum += precision / relevant;
  }
  const share = (n: number) => (queries === 0 ? 0 : n / queries);
  return {
    recall: Object.fromEntries(ks.map((k, i) => [k, share(hits[i]!)])),
    mapAtR: share(mapSum),
    queries,
  };
}

/** All rows but the query, from the highest score down. */
function rank(embeddings: Float32Array, dim: number, count: number, query: number): number[] {
  const own = embeddings.subarray(query * dim, (query + 1) * dim);
  const scores = new Float64Array(count);
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    if (row === query) continue;
    let dot = 0;
    const offset = row * dim;
    for (let i = 0; i < dim; i++) dot += own[i]! * embeddings[offset + i]!;
    scores[row] = dot;
    rows.push(row);
  }
  return rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
}
