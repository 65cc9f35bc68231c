/** A step of a head with its values. */
export type HeadValues =
  | { readonly kind: "l2" }
  /** `weights` `[inputs, outputs]`, row by row. */
  | { readonly kind: "linear"; readonly weights: Float32Array; readonly bias: Float32Array | undefined };

/**
 * What a head makes of a pooled vector, turned round: with the other image's embedding g and the norms of this image
 * held fixed, the score is linear in the pooled vector, score = v . pooled + constant.
 * @param pooled `[C]`
 * @param g the other image's embedding, `[d]` of norm 1
 * @returns v `[C]` and the constant that the biases give
 */
export function gradient(
  steps: readonly HeadValues[],
  pooled: Float32Array,
  g: Float32Array,
): { readonly v: Float64Array; readonly constant: number } {
  const norms = normsOf(steps, pooled);
  let v = Float64Array.from(g);
  let constant = 0;
  for (const [i, step] of [...steps.entries()].reverse()) {
    if (step.kind === "l2") {
      const scale = 1 / norms[i]!;
      v = v.map((value) => value * scale);
      continue;
    }
    if (step.bias !== undefined) constant += step.bias.reduce((sum, b, j) => sum + b * v[j]!, 0);
    v = product(step.weights, v);
  }
  return { v, constant };
}

/** As in the graph: a zero vector stays zero. */
const FLOOR = 1e-12;

/** The norm that each L2 step divides by; 1 for the other steps. */
function normsOf(steps: readonly HeadValues[], pooled: Float32Array): number[] {
  let y = Float64Array.from(pooled);
  return steps.map((step) => {
    if (step.kind === "linear") {
      y = forward(step, y);
      return 1;
    }
    const norm = Math.max(FLOOR, Math.sqrt(y.reduce((sum, value) => sum + value * value, 0)));
    y = y.map((value) => value / norm);
    return norm;
  });
}

/** y = x W + b. */
function forward(
  { weights, bias }: HeadValues & { readonly kind: "linear" },
  x: Float64Array,
): Float64Array<ArrayBuffer> {
  const width = weights.length / x.length;
  const y = bias === undefined ? new Float64Array(width) : Float64Array.from(bias);
  for (let c = 0; c < x.length; c++) {
    for (let j = 0; j < width; j++) y[j] = y[j]! + x[c]! * weights[c * width + j]!;
  }
  return y;
}

/** W v. */
function product(weights: Float32Array, v: Float64Array): Float64Array<ArrayBuffer> {
  const width = v.length;
  const result = new Float64Array(weights.length / width);
  for (let c = 0; c < result.length; c++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += weights[c * width + j]! * v[j]!;
    result[c] = sum;
  }
  return result;
}
