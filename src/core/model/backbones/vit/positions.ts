/** A grid of positions. */
export interface GridSize {
  readonly height: number;
  readonly width: number;
}

/** Weights of the places that a place is made of. */
type Row = readonly (readonly [place: number, weight: number])[];

/**
 * Brings learned positions to another grid, as torch's bicubic interpolation does without aligned corners.
 * @param values `[height, width, dim]`
 * @param antialias whether the kernel is widened where the grid becomes smaller (timm), or not (transformers); the two also
 *   have another kernel, a = -1/2 and -3/4
 * @returns `[to.height, to.width, dim]`
 */
export function resizePositions(
  values: Float32Array,
  from: GridSize,
  to: GridSize,
  dim: number,
  antialias: boolean,
): Float32Array {
  if (from.height === to.height && from.width === to.width) return values;
  const weights = antialias ? wideWeights : plainWeights;
  const [rows, columns] = [weights(from.height, to.height), weights(from.width, to.width)];
  const narrow = new Float64Array(from.height * to.width * dim);
  for (let y = 0; y < from.height; y++) {
    for (const [x, row] of columns.entries()) {
      for (const [place, weight] of row) {
        const [source, target] = [(y * from.width + place) * dim, (y * to.width + x) * dim];
        for (let c = 0; c < dim; c++) narrow[target + c]! += weight * values[source + c]!;
      }
    }
  }
  const result = new Float64Array(to.height * to.width * dim);
  for (const [y, row] of rows.entries()) {
    for (const [place, weight] of row) {
      const [source, target] = [place * to.width * dim, y * to.width * dim];
      for (let i = 0; i < to.width * dim; i++) result[target + i]! += weight * narrow[source + i]!;
    }
  }
  return Float32Array.from(result);
}

function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** Four places each; those beyond the edge are the one at the edge. */
function plainWeights(from: number, to: number): Row[] {
  return Array.from({ length: to }, (_, i) => {
    const middle = ((i + 0.5) * from) / to - 0.5;
    const first = Math.floor(middle) - 1;
    return [0, 1, 2, 3].map((n): readonly [number, number] => {
      const place = Math.min(from - 1, Math.max(0, first + n));
      return [place, cubic(middle - (first + n), -0.75)];
    });
  });
}

function wideWeights(from: number, to: number): Row[] {
  const scale = from / to;
  const wide = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const middle = (i + 0.5) * scale;
    const low = Math.max(0, Math.floor(middle - 2 * wide + 0.5));
    const high = Math.min(from, Math.floor(middle + 2 * wide + 0.5));
    const raw = Array.from({ length: high - low }, (_, n) => cubic((low + n + 0.5 - middle) / wide, -0.5));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return raw.map((weight, n): readonly [number, number] => [low + n, weight / sum]);
  });
}

/**
 * Cosines and sines of DINOv3's rotary positions: the centres of the patches in -1..1, times 2 pi, over periods.
 * @param dim of a head; a quarter of it are frequencies for the rows, a quarter for the columns, and the same again
 * @returns `[height * width, dim]` each
 */
export function rotaryPositions(
  { height, width }: GridSize,
  dim: number,
  base: number,
): { cos: Float32Array; sin: Float32Array } {
  const quarter = dim / 4;
  const [cos, sin] = [new Float32Array(height * width * dim), new Float32Array(height * width * dim)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let i = 0; i < dim; i++) {
        const within = i % (2 * quarter);
        const place = within < quarter ? (2 * (y + 0.5)) / height - 1 : (2 * (x + 0.5)) / width - 1;
        const angle = (2 * Math.PI * place) / base ** ((within % quarter) / quarter);
        const at = (y * width + x) * dim + i;
        cos[at] = Math.cos(angle);
        sin[at] = Math.sin(angle);
      }
    }
  }
  return { cos, sin };
}
