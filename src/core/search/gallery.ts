import { RowNames } from "./rowNames.ts";

/** A position of an image in the matrices of a gallery. Rows move when others are removed. */
type Row = number;

/**
 * Rows of a block. In a block the values of one dimension lie side by side: onnxruntime's product with a vector then goes
 * through memory once and in order, which is twice as fast as with whole rows side by side, and gives each row the same
 * bits wherever it lies. Blocks of 32 and 64 rows were the fastest of 32 to 1024.
 */
export const BLOCK_ROWS = 32;

/**
 * The embeddings of an index in memory: one float32 matrix per branch, rows of norm 1, in the same order of images, in
 * blocks. It grows in place while a folder is indexed, so that searching never waits for the end.
 */
export class Gallery {
  readonly dims: readonly number[];
  readonly #names = new RowNames();
  #matrices: Float32Array[];
  /** In whole blocks. */
  #capacity: number;

  /**
   * @param dims length of each branch, in the model's order
   * @param count of images that it has room for at first
   */
  constructor(dims: readonly number[], count = 8 * BLOCK_ROWS) {
    this.dims = dims;
    this.#capacity = Math.max(1, Math.ceil(count / BLOCK_ROWS)) * BLOCK_ROWS;
    this.#matrices = dims.map((dim) => new Float32Array(this.#capacity * dim));
  }

  get count(): number {
    return this.#names.count;
  }

  has(path: string): boolean {
    return this.#names.rowOf(path) !== undefined;
  }

  rowOf(path: string): Row | undefined {
    return this.#names.rowOf(path);
  }

  pathOf(row: Row): string {
    return this.#names.pathOf(row);
  }

  /**
   * float32 `[ceil(count / BLOCK_ROWS), dims[branch], BLOCK_ROWS]`, a view that is valid until the gallery changes. What
   * follows the last row in its block means nothing.
   */
  matrix(branch: number): Float32Array {
    return this.#matrices[branch]!.subarray(0, Math.ceil(this.count / BLOCK_ROWS) * BLOCK_ROWS * this.dims[branch]!);
  }

  /** float32 `[dims[branch]]`, a copy. */
  embedding(row: Row, branch: number): Float32Array {
    const dim = this.dims[branch]!;
    const matrix = this.#matrices[branch]!;
    const start = startOf(row, dim);
    return Float32Array.from({ length: dim }, (_, i) => matrix[start + i * BLOCK_ROWS]!);
  }

  /** All branches of a row, copies. */
  branches(row: Row): Float32Array[] {
    return this.dims.map((_, b) => this.embedding(row, b));
  }

  /** Makes room for so many images at once, so that loading them copies nothing. */
  reserve(count: number): void {
    if (count > this.#capacity) this.#resize(Math.ceil(count / BLOCK_ROWS) * BLOCK_ROWS);
  }

  /** @param embedding float32, the branches side by side; each is brought to norm 1, which float16 rounding disturbs. */
  set(path: string, embedding: Float32Array): void {
    let row = this.#names.rowOf(path);
    if (row === undefined) {
      if (this.count === this.#capacity) this.#resize(2 * this.#capacity);
      row = this.#names.add(path);
    }
    let offset = 0;
    for (const [b, dim] of this.dims.entries()) {
      copyNormalised(embedding, offset, dim, this.#matrices[b]!, startOf(row, dim));
      offset += dim;
    }
  }

  /** The last row moves into the gap: matrices stay dense. */
  delete(path: string): void {
    const gap = this.#names.delete(path);
    if (gap === undefined || gap.row === gap.from) return;
    for (const [b, dim] of this.dims.entries()) {
      const matrix = this.#matrices[b]!;
      const [to, from] = [startOf(gap.row, dim), startOf(gap.from, dim)];
      for (let i = 0; i < dim * BLOCK_ROWS; i += BLOCK_ROWS) matrix[to + i] = matrix[from + i]!;
    }
  }

  clear(): void {
    this.#names.clear();
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    this.#matrices = this.#matrices.map((old, b) => {
      const matrix = new Float32Array(capacity * this.dims[b]!);
      matrix.set(old);
      return matrix;
    });
  }
}

/** Where the first value of a row lies; the others follow at distances of `BLOCK_ROWS`. */
function startOf(row: Row, dim: number): number {
  const inBlock = row % BLOCK_ROWS;
  return (row - inBlock) * dim + inBlock;
}

/** `normalise`, written into a row of a matrix and without views: it runs for every row of an index that is opened. */
function copyNormalised(from: Float32Array, offset: number, dim: number, to: Float32Array, start: number): void {
  let sum = 0;
  for (let i = offset; i < offset + dim; i++) sum += from[i]! * from[i]!;
  const scale = sum === 0 ? 1 : 1 / Math.sqrt(sum);
  for (let i = 0; i < dim; i++) to[start + i * BLOCK_ROWS] = from[offset + i]! * scale;
}

/** Brings a vector to norm 1 in place; a zero vector stays as it is and scores 0 against everything. */
export function normalise(vector: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  if (sum === 0) return;
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * scale;
}
