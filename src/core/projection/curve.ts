/** The curve 1 / (1 + a d^(2b)) that says how strongly two points at distance d of a map belong together. */
export interface Curve {
  readonly a: number;
  readonly b: number;
}

const SAMPLES = 300;

/**
 * Fits UMAP's curve to "1 up to `minDist`, then falling by exp(-(d - minDist))", by least squares over distances 0..3
 * (McInnes et al., "UMAP", 2018, section 3.2; spread is 1), with the Gauss-Newton method, damped (Levenberg-Marquardt).
 */
export function fitCurve(minDist: number): Curve {
  const xs = Float64Array.from({ length: SAMPLES }, (_, i) => (3 * i) / (SAMPLES - 1));
  const ys = xs.map((x) => (x < minDist ? 1 : Math.exp(minDist - x)));
  let a = 1;
  let b = 1;
  let damping = 1e-3;
  let error = squaredError(xs, ys, a, b);
  for (let step = 0; step < 200 && damping < 1e12; step++) {
    const { da, db } = dampedStep(xs, ys, a, b, damping);
    const next = squaredError(xs, ys, a + da, b + db);
    if (next < error) {
      const gain = error - next;
      a += da;
      b += db;
      error = next;
      damping /= 10;
      if (gain < 1e-14) break;
    } else {
      damping *= 10;
    }
  }
  return { a, b };
}

function squaredError(xs: Float64Array, ys: Float64Array, a: number, b: number): number {
  let sum = 0;
  for (const [i, x] of xs.entries()) sum += (1 / (1 + a * x ** (2 * b)) - ys[i]!) ** 2;
  return Number.isFinite(sum) ? sum : Number.POSITIVE_INFINITY;
}

function dampedStep(xs: Float64Array, ys: Float64Array, a: number, b: number, damping: number) {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ra = 0;
  let rb = 0;
  for (const [i, x] of xs.entries()) {
    // At distance 0 the curve is 1 whatever a and b are.
    if (x === 0) continue;
    const power = x ** (2 * b);
    const value = 1 / (1 + a * power);
    const byA = -value * value * power;
    const byB = byA * a * 2 * Math.log(x);
    const residual = ys[i]! - value;
    aa += byA * byA;
    ab += byA * byB;
    bb += byB * byB;
    ra += byA * residual;
    rb += byB * residual;
  }
  aa *= 1 + damping;
  bb *= 1 + damping;
  const determinant = aa * bb - ab * ab;
  return { da: (ra * bb - rb * ab) / determinant, db: (rb * aa - ra * ab) / determinant };
}
