import { halved, type Mapping, type Plane } from "./planes.ts";

/** Pixels of the longer side at which aligning begins: what was cut off a copy is less than a pixel there. */
const COARSEST = 40;
const STEPS = 8;
/** Part of a side that may lie outside the other picture, or be stretched. */
const REACH = 0.08;

/**
 * Finds how a picture lies in another one that is the same but for size and a few pixels at its edges: shift and scale along
 * each axis, from coarse to fine, by Gauss-Newton steps on the brightness (Lucas and Kanade 1981; Baker and Matthews 2004).
 * Of two pictures that have nothing in common it gives a mapping all the same.
 * @returns where the pixels of `target` lie in `source`
 */
export function align(target: Plane, source: Plane): Mapping {
  const levels: [Plane, Plane][] = [[target, source]];
  for (;;) {
    const [a, b] = levels.at(-1)!;
    if (Math.max(a.width, a.height) < 2 * COARSEST || Math.min(a.width, a.height, b.width, b.height) < 16) break;
    levels.push([halved(a), halved(b)]);
  }
  const whole = wholeOnWhole(target, source);
  let fit = new Fit(whole, target);
  for (let level = levels.length - 1; level >= 0; level--) {
    const [a, b] = levels[level]!;
    fit = fit.refined(a, b, 2 ** level);
  }
  return fit.isWithinReach() && errorOf(target, source, fit.mapping) < errorOf(target, source, whole)
    ? fit.mapping
    : whole;
}

/** All of a picture on all of another. */
export function wholeOnWhole(target: Plane, source: Plane): Mapping {
  const [scaleX, scaleY] = [source.width / target.width, source.height / target.height];
  return { scaleX, scaleY, shiftX: (scaleX - 1) / 2, shiftY: (scaleY - 1) / 2 };
}

/** A mapping as what it adds to that of all on all: shift in pixels of the source, and stretch about the centre. */
class Fit {
  readonly #whole: Mapping;
  readonly #target: Plane;
  readonly #changes: readonly [number, number, number, number];

  constructor(whole: Mapping, target: Plane, changes: readonly [number, number, number, number] = [0, 0, 0, 0]) {
    this.#whole = whole;
    this.#target = target;
    this.#changes = changes;
  }

  get mapping(): Mapping {
    const { scaleX, scaleY, shiftX, shiftY } = this.#whole;
    const [x, y, stretchX, stretchY] = this.#changes;
    return {
      scaleX: scaleX * (1 + stretchX),
      scaleY: scaleY * (1 + stretchY),
      shiftX: shiftX + x - (scaleX * stretchX * (this.#target.width - 1)) / 2,
      shiftY: shiftY + y - (scaleY * stretchY * (this.#target.height - 1)) / 2,
    };
  }

  isWithinReach(): boolean {
    const [x, y, stretchX, stretchY] = this.#changes;
    const { width, height } = this.#target;
    const { scaleX, scaleY } = this.#whole;
    return (
      Math.abs(x) < REACH * scaleX * width &&
      Math.abs(y) < REACH * scaleY * height &&
      Math.abs(stretchX) < 2 * REACH &&
      Math.abs(stretchY) < 2 * REACH
    );
  }

  /** @param size of a pixel of this level in pixels of the finest */
  refined(target: Plane, source: Plane, size: number): Fit {
    let fit: Fit = this;
    for (let step = 0; step < STEPS; step++) {
      const mapping = levelMapping(fit.mapping, size);
      const change = gaussNewton(target, source, mapping, [this.#whole.scaleX, this.#whole.scaleY]);
      if (change === undefined) return fit;
      const [x, y, stretchX, stretchY] = fit.#changes;
      fit = new Fit(this.#whole, this.#target, [
        x + size * change[0],
        y + size * change[1],
        stretchX + change[2],
        stretchY + change[3],
      ]);
      if (!fit.isWithinReach()) return this;
      const moved = Math.max(
        Math.abs(change[0]) + Math.abs(change[2]) * target.width,
        Math.abs(change[1]) + Math.abs(change[3]) * target.height,
      );
      if (moved < 0.02) break;
    }
    return fit;
  }
}

/** The same mapping between pictures of which `size` pixels are one: centres of pixels lie at (i + 0.5) size - 0.5. */
export function levelMapping({ scaleX, scaleY, shiftX, shiftY }: Mapping, size: number): Mapping {
  const at = (scale: number, shift: number) => (scale * (0.5 * size - 0.5) + shift + 0.5) / size - 0.5;
  return { scaleX, scaleY, shiftX: at(scaleX, shiftX), shiftY: at(scaleY, shiftY) };
}

type Changes = [number, number, number, number];

/** One step: the changes of shift (pixels of this level) and stretch that lessen the difference most. */
function gaussNewton(
  target: Plane,
  source: Plane,
  m: Mapping,
  [wholeX, wholeY]: readonly [number, number],
): Changes | undefined {
  const { width, height } = target;
  const normal = new Float64Array(16);
  const right = new Float64Array(4);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const skip = Math.max(1, Math.round(Math.sqrt((width * height) / 24_000)));
  for (let y = 0; y < height; y += skip) {
    const v = m.scaleY * y + m.shiftY;
    if (v < 1 || v >= source.height - 2) continue;
    const top = Math.floor(v);
    const fy = v - top;
    for (let x = (y / skip) % 2 === 0 ? 0 : skip >> 1; x < width; x += skip) {
      const u = m.scaleX * x + m.shiftX;
      if (u < 1 || u >= source.width - 2) continue;
      const left = Math.floor(u);
      const fx = u - left;
      const at = top * source.width + left;
      const s = source.data;
      const [p, q] = [
        s[at]! + fx * (s[at + 1]! - s[at]!),
        s[at + source.width]! + fx * (s[at + source.width + 1]! - s[at + source.width]!),
      ];
      const error = target.data[y * width + x]! - (p + fy * (q - p));
      const below = at + source.width;
      const gx =
        ((1 - fy) * (s[at + 1]! - s[at]!) +
          fy * (s[below + 1]! - s[below]!) +
          ((1 - fy) * (s[at + 2]! - s[at - 1]!) + fy * (s[below + 2]! - s[below - 1]!)) / 3) /
        2;
      const gy =
        (q -
          p +
          ((1 - fx) * (s[below + source.width]! - s[at - source.width]!) +
            fx * (s[below + source.width + 1]! - s[at - source.width + 1]!)) /
            3) /
        2;
      const j0 = gx;
      const j1 = gy;
      const j2 = gx * wholeX * (x - middleX);
      const j3 = gy * wholeY * (y - middleY);
      // Places that differ altogether say nothing about where the rest lies (Huber).
      const size = Math.abs(error);
      const weight = size > 24 ? 24 / size : 1;
      normal[0]! += weight * j0 * j0;
      normal[1]! += weight * j0 * j1;
      normal[2]! += weight * j0 * j2;
      normal[3]! += weight * j0 * j3;
      normal[5]! += weight * j1 * j1;
      normal[6]! += weight * j1 * j2;
      normal[7]! += weight * j1 * j3;
      normal[10]! += weight * j2 * j2;
      normal[11]! += weight * j2 * j3;
      normal[15]! += weight * j3 * j3;
      right[0]! += weight * j0 * error;
      right[1]! += weight * j1 * error;
      right[2]! += weight * j2 * error;
      right[3]! += weight * j3 * error;
    }
  }
  return solve4(normal, right, [1, 1, (wholeX * width) / 4, (wholeY * height) / 4]);
}

/** Solves the symmetric system, damped where it says little (a picture of stripes has no place along them). */
function solve4(upper: Float64Array, right: Float64Array, units: readonly number[]): Changes | undefined {
  const trace = units.reduce((sum, unit, i) => sum + upper[5 * i]! / unit ** 2, 0);
  if (!(trace > 0)) return undefined;
  const a = Array.from({ length: 4 }, (_, i) =>
    Array.from({ length: 5 }, (__, j) => {
      if (j === 4) return right[i]!;
      const value = i <= j ? upper[4 * i + j]! : upper[4 * j + i]!;
      return i === j ? value + 1e-3 * trace * units[i]! ** 2 : value;
    }),
  );
  for (let i = 0; i < 4; i++) {
    const pivot = a[i]![i]!;
    if (!(Math.abs(pivot) > 0)) return undefined;
    for (let k = i + 1; k < 4; k++) {
      const factor = a[k]![i]! / pivot;
      for (let j = i; j < 5; j++) a[k]![j]! -= factor * a[i]![j]!;
    }
  }
  const x: Changes = [0, 0, 0, 0];
  for (let i = 3; i >= 0; i--) {
    let sum = a[i]![4]!;
    for (let j = i + 1; j < 4; j++) sum -= a[i]![j]! * x[j]!;
    x[i] = sum / a[i]![i]!;
  }
  return x.every(Number.isFinite) ? x : undefined;
}

/** Mean absolute difference, each place held to at most 48, on every few pixels that both have. */
function errorOf(target: Plane, source: Plane, m: Mapping): number {
  const skip = Math.max(1, Math.round(Math.sqrt((target.width * target.height) / 20_000)));
  let [sum, count] = [0, 0];
  for (let y = 0; y < target.height; y += skip) {
    const v = m.scaleY * y + m.shiftY;
    if (v < 0 || v >= source.height - 1) continue;
    for (let x = 0; x < target.width; x += skip) {
      const u = m.scaleX * x + m.shiftX;
      if (u < 0 || u >= source.width - 1) continue;
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [fx, fy, at] = [u - left, v - top, top * source.width + left];
      const s = source.data;
      const p = s[at]! + fx * (s[at + 1]! - s[at]!);
      const q = s[at + source.width]! + fx * (s[at + source.width + 1]! - s[at + source.width]!);
      sum += Math.min(48, Math.abs(target.data[y * target.width + x]! - (p + fy * (q - p))));
      count++;
    }
  }
  return count === 0 ? Number.POSITIVE_INFINITY : sum / count;
}
