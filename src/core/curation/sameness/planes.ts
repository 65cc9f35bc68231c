/** Arithmetic on planes of numbers, `[height, width]` row by row; at the edges the nearest value counts on. */

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Values of about twenty planes of the largest pictures that are compared. */
const SCRATCH = 24 << 20;
/** Planes of one comparison lie here, one after another: arrays of their own would keep the garbage collector busy. */
let scratch: Float32Array | undefined;
let used = SCRATCH;

/** Runs something whose planes nobody needs afterwards. */
export function withScratch<T>(work: () => T): T {
  scratch ??= new Float32Array(SCRATCH);
  used = 0;
  try {
    return work();
  } finally {
    used = SCRATCH;
  }
}

/** Its values are not cleared. */
export function newPlane(width: number, height: number): Plane {
  const length = width * height;
  if (scratch === undefined || used + length > SCRATCH) return { width, height, data: new Float32Array(length) };
  used += length;
  return { width, height, data: scratch.subarray(used - length, used) };
}

/** Runs something of whose planes only the result is needed: the others give their places back. */
function keepingOnly(work: () => Plane): Plane {
  const before = used;
  const plane = work();
  const { width, height, data } = plane;
  if (scratch === undefined || data.buffer !== scratch.buffer) return plane;
  scratch.copyWithin(before, data.byteOffset / 4, data.byteOffset / 4 + data.length);
  used = before + data.length;
  return { width, height, data: scratch.subarray(before, used) };
}

/** Means over squares of `2 radius + 1`. */
export function boxMean(plane: Plane, radius: number): Plane {
  return keepingOnly(() => columnMeans(rowMeans(plane, radius), radius));
}

function rowMeans({ width, height, data }: Plane, radius: number): Plane {
  const out = newPlane(width, height);
  const size = 2 * radius + 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const first = data[row]!;
    const last = data[row + width - 1]!;
    let sum = (radius + 1) * first;
    for (let x = 1; x <= radius; x++) sum += x < width ? data[row + x]! : last;
    for (let x = 0; x < width; x++) {
      out.data[row + x] = sum / size;
      const come = x + radius + 1;
      sum += (come < width ? data[row + come]! : last) - (x >= radius ? data[row + x - radius]! : first);
    }
  }
  return out;
}

function columnMeans({ width, height, data }: Plane, radius: number): Plane {
  const out = newPlane(width, height);
  const size = 2 * radius + 1;
  const sums = new Float64Array(width);
  const rowAt = (y: number) => Math.min(height - 1, Math.max(0, y)) * width;
  for (let y = -radius; y <= radius; y++) {
    const row = rowAt(y);
    for (let x = 0; x < width; x++) sums[x]! += data[row + x]!;
  }
  for (let y = 0; y < height; y++) {
    const come = rowAt(y + radius + 1);
    const gone = rowAt(y - radius);
    for (let x = 0; x < width; x++) {
      out.data[y * width + x] = sums[x]! / size;
      sums[x]! += data[come + x]! - data[gone + x]!;
    }
  }
  return out;
}

function transposed({ width, height, data }: Plane): Plane {
  const out = newPlane(height, width);
  const BLOCK = 32;
  for (let top = 0; top < height; top += BLOCK) {
    for (let left = 0; left < width; left += BLOCK) {
      const [bottom, right] = [Math.min(height, top + BLOCK), Math.min(width, left + BLOCK)];
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) out.data[x * height + y] = data[y * width + x]!;
    }
  }
  return out;
}

/** The least and the greatest value of each square of 3 x 3. */
export function range3({ width, height, data }: Plane): { readonly low: Float32Array; readonly high: Float32Array } {
  const plane = () => newPlane(width, height).data;
  const rows = { low: plane(), high: plane() };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const a = data[x > 0 ? i - 1 : i]!;
      const b = data[i]!;
      const c = data[x + 1 < width ? i + 1 : i]!;
      rows.low[i] = Math.min(a, b, c);
      rows.high[i] = Math.max(a, b, c);
    }
  }
  const out = { low: plane(), high: plane() };
  for (let y = 0; y < height; y++) {
    const up = y > 0 ? -width : 0;
    const down = y + 1 < height ? width : 0;
    for (let i = y * width; i < (y + 1) * width; i++) {
      const [a, b, c] = [rows.low[i + up]!, rows.low[i]!, rows.low[i + down]!];
      out.low[i] = Math.min(a, b, c);
      const [d, e, f] = [rows.high[i + up]!, rows.high[i]!, rows.high[i + down]!];
      out.high[i] = Math.max(d, e, f);
    }
  }
  return out;
}

/** Half the size, each value the mean of four. */
export function halved({ width, height, data }: Plane): Plane {
  const out = newPlane(Math.max(1, width >> 1), Math.max(1, height >> 1));
  for (let y = 0; y < out.height; y++) {
    const [top, bottom] = [Math.min(height - 1, 2 * y) * width, Math.min(height - 1, 2 * y + 1) * width];
    for (let x = 0; x < out.width; x++) {
      const [left, right] = [Math.min(width - 1, 2 * x), Math.min(width - 1, 2 * x + 1)];
      out.data[y * out.width + x] =
        (data[top + left]! + data[top + right]! + data[bottom + left]! + data[bottom + right]!) / 4;
    }
  }
  return out;
}

/** How places of one picture lie in another, in its pixels: no turning, only shift and scale. */
export interface Mapping {
  /** x of the other = scaleX * x + shiftX, between centres of pixels. */
  readonly scaleX: number;
  readonly scaleY: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Catmull-Rom along rows, then along columns: it keeps strokes that linear interpolation would thin. */
export function resampled(plane: Plane, mapping: Mapping, width: number, height: number): Plane {
  return keepingOnly(() => {
    const wide = alongRows(plane, mapping.scaleX, mapping.shiftX, width);
    return transposed(alongRows(transposed(wide), mapping.scaleY, mapping.shiftY, height));
  });
}

function alongRows({ width, height, data }: Plane, scale: number, shift: number, columns: number): Plane {
  const out = newPlane(columns, height);
  const places = new Int32Array(4 * columns);
  const weights = new Float32Array(4 * columns);
  for (let x = 0; x < columns; x++) {
    const at = scale * x + shift;
    const left = Math.floor(at);
    const t = at - left;
    weights.set(
      [
        ((2 - t) * t - 1) * (t / 2),
        (t * t * (3 * t - 5) + 2) / 2,
        (((4 - 3 * t) * t + 1) * t) / 2,
        ((t - 1) * t * t) / 2,
      ],
      4 * x,
    );
    for (let k = 0; k < 4; k++) places[4 * x + k] = Math.min(width - 1, Math.max(0, left - 1 + k));
  }
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < columns; x++) {
      const k = 4 * x;
      out.data[y * columns + x] =
        weights[k]! * data[row + places[k]!]! +
        weights[k + 1]! * data[row + places[k + 1]!]! +
        weights[k + 2]! * data[row + places[k + 2]!]! +
        weights[k + 3]! * data[row + places[k + 3]!]!;
    }
  }
  return out;
}

export function cut({ width, data }: Plane, left: number, top: number, right: number, bottom: number): Plane {
  const out = newPlane(right - left, bottom - top);
  for (let y = top; y < bottom; y++)
    out.data.set(data.subarray(y * width + left, y * width + right), (y - top) * out.width);
  return out;
}
