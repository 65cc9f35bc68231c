/** A map turned onto another one. */
export interface Alignment {
  /** float32 `[count, 2]`: rotated, reflected where that fits better, moved, and brought to the spread of the target. */
  readonly points: Float32Array;
  /**
   * 1 - (s1 + s2)^2, s the singular values of the cross-covariance of the two maps, each centred and of norm 1: the share
   * of the spread that the best similarity transform leaves (the disparity of orthogonal Procrustes; Gower, 1975).
   */
  readonly residual: number;
}

/**
 * Orthogonal Procrustes in the plane. The spread is matched exactly instead of by least squares: that would shrink a map
 * the more it differs, and the eye should compare shapes of one size. The residual is that of least squares.
 * @param points float32 `[count, 2]`
 * @param target of the same shape
 */
export function align(points: Float32Array, target: Float32Array): Alignment {
  const from = centred(points);
  const to = centred(target);
  const scale = from.norm * to.norm;
  if (scale === 0) return { points: points.slice(), residual: from.norm === to.norm ? 0 : 1 };
  let xx = 0;
  let xy = 0;
  let yx = 0;
  let yy = 0;
  for (let i = 0; i < points.length; i += 2) {
    const px = points[i]! - from.x;
    const py = points[i + 1]! - from.y;
    const tx = target[i]! - to.x;
    const ty = target[i + 1]! - to.y;
    xx += px * tx;
    xy += px * ty;
    yx += py * tx;
    yy += py * ty;
  }
  // In the plane the best rotation and the best reflection are angles; the better one's fit is the sum of the singular values.
  const rotated = Math.hypot(xx + yy, xy - yx);
  const reflected = Math.hypot(xx - yy, xy + yx);
  const mirror = reflected > rotated ? -1 : 1;
  const angle = mirror === 1 ? Math.atan2(xy - yx, xx + yy) : Math.atan2(xy + yx, xx - yy);
  const cos = Math.cos(angle) * (to.norm / from.norm);
  const sin = Math.sin(angle) * (to.norm / from.norm);
  const turned = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const px = points[i]! - from.x;
    const py = mirror * (points[i + 1]! - from.y);
    turned[i] = to.x + cos * px - sin * py;
    turned[i + 1] = to.y + sin * px + cos * py;
  }
  const fit = Math.max(rotated, reflected) / scale;
  return { points: turned, residual: Math.max(0, 1 - fit * fit) };
}

function centred(points: Float32Array): { readonly x: number; readonly y: number; readonly norm: number } {
  const count = Math.max(1, points.length / 2);
  let x = 0;
  let y = 0;
  for (let i = 0; i < points.length; i += 2) {
    x += points[i]!;
    y += points[i + 1]!;
  }
  x /= count;
  y /= count;
  let sum = 0;
  for (let i = 0; i < points.length; i += 2) sum += (points[i]! - x) ** 2 + (points[i + 1]! - y) ** 2;
  return { x, y, norm: Math.sqrt(sum) };
}
