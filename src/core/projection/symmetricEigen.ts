const SWEEPS = 30;

/**
 * Eigenvectors of a small symmetric matrix by Jacobi rotations (Golub & Van Loan, "Matrix Computations", section 8.5).
 * @param matrix float64 `[size, size]`
 * @returns float64 `[size, size]`: in its columns, by falling eigenvalue
 */
export function symmetricEigenvectors(matrix: Float64Array, size: number): Float64Array {
  const a = matrix.slice();
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = a[p * size + q]!;
        if (off === 0) continue;
        const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * off);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cos = 1 / Math.sqrt(t * t + 1);
        const sin = t * cos;
        for (let k = 0; k < size; k++) rotate(a, k * size + p, k * size + q, cos, sin);
        for (let k = 0; k < size; k++) rotate(a, p * size + k, q * size + k, cos, sin);
        for (let k = 0; k < size; k++) rotate(vectors, k * size + p, k * size + q, cos, sin);
      }
    }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
  const sorted = new Float64Array(size * size);
  for (const [to, from] of order.entries()) {
    for (let k = 0; k < size; k++) sorted[k * size + to] = vectors[k * size + from]!;
  }
  return sorted;
}

function rotate(values: Float64Array, i: number, j: number, cos: number, sin: number): void {
  const x = values[i]!;
  const y = values[j]!;
  values[i] = cos * x - sin * y;
  values[j] = sin * x + cos * y;
}
