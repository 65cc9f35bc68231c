/**
 * For each position of one image the position of the other whose local embedding is most alike, and back.
 * @param local of both images, one after the other, float32 `[2, positions, d]`, not normalised
 * @param products of the first image's with the second's, float32 `[positions, positions]`
 */
export function bestMatches(
  local: Float32Array,
  products: Float32Array,
  positions: number,
): { readonly toResult: Uint16Array; readonly toQuery: Uint16Array } {
  const norms = normsOf(local, 2 * positions);
  const toResult = new Uint16Array(positions);
  const toQuery = new Uint16Array(positions);
  const bestOfQuery = new Float64Array(positions).fill(Number.NEGATIVE_INFINITY);
  const bestOfResult = new Float64Array(positions).fill(Number.NEGATIVE_INFINITY);
  for (let q = 0; q < positions; q++) {
    for (let r = 0; r < positions; r++) {
      const cosine = products[q * positions + r]! / (norms[q]! * norms[positions + r]!);
      if (cosine > bestOfQuery[q]!) {
        bestOfQuery[q] = cosine;
        toResult[q] = r;
      }
      if (cosine > bestOfResult[r]!) {
        bestOfResult[r] = cosine;
        toQuery[r] = q;
      }
    }
  }
  return { toResult, toQuery };
}

/** A position where nothing is active is at right angles to everything. */
function normsOf(vectors: Float32Array, count: number): Float64Array {
  const dim = vectors.length / count;
  return Float64Array.from({ length: count }, (_, i) => {
    const vector = vectors.subarray(i * dim, (i + 1) * dim);
    return Math.max(1e-12, Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)));
  });
}
