import type { FolderIndex } from "../folder/index.ts";
import type { PixelBox } from "./datasets/index.ts";

/** The embeddings of some images of a folder. */
export interface LoadedRows {
  /** In path order. */
  readonly paths: readonly string[];
  readonly dims: readonly number[];
  /** Per branch float32 `[paths, dim]`, rows of norm 1. */
  readonly matrices: readonly Float32Array[];
  /** Paths whose embedding has a branch that is zero or not finite: it is near to nothing. */
  readonly excluded: readonly string[];
}

interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** While crops are embedded. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * @param wanted in path order; those that are not indexed are left out
 * @param boxes where given, images that have one are cropped to it and embedded anew
 * @throws ImageError where an image of a box cannot be decoded any more; the signal's reason
 */
export async function loadRows(
  index: FolderIndex,
  wanted: readonly string[],
  boxes: ReadonlyMap<string, PixelBox> | undefined,
  { signal, onProgress }: LoadOptions,
): Promise<LoadedRows> {
  const source = index.source();
  const { dims } = source;
  const rowOf = new Map(wanted.map((path, row) => [path, row]));
  const matrices = dims.map((dim) => new Float32Array(wanted.length * dim));
  const present = new Uint8Array(wanted.length);
  const excluded = new Set<string>();
  const put = (path: string, embedding: Float32Array) => {
    const row = rowOf.get(path);
    if (row === undefined) return;
    if (copyNormalised(embedding, dims, matrices, row)) present[row] = 1;
    else {
      present[row] = 0;
      excluded.add(path);
    }
  };
  for await (const { path, embedding } of source.embeddings()) {
    signal?.throwIfAborted();
    put(path, embedding);
  }
  const cropped = boxes === undefined ? [] : wanted.filter((path) => boxes.has(path) && rowOf.has(path));
  if (boxes !== undefined) {
    for await (const { path, embedding, done } of index.embedParts(cropped, (path) => boxes.get(path)!, signal)) {
      excluded.delete(path);
      put(path, embedding);
      onProgress?.(done, cropped.length);
    }
  }
  const kept = compact(present, dims, matrices);
  return {
    paths: wanted.filter((_, row) => present[row] === 1),
    dims,
    matrices: matrices.map((matrix, b) => matrix.subarray(0, kept * dims[b]!)),
    excluded: [...excluded].sort(),
  };
}

/** @returns false where a branch is zero or not finite */
function copyNormalised(
  from: Float32Array,
  dims: readonly number[],
  to: readonly Float32Array[],
  row: number,
): boolean {
  let offset = 0;
  for (const [b, dim] of dims.entries()) {
    let sum = 0;
    for (let i = offset; i < offset + dim; i++) sum += from[i]! * from[i]!;
    if (!(sum > 0 && Number.isFinite(sum))) return false;
    const scale = 1 / Math.sqrt(sum);
    for (let i = 0; i < dim; i++) to[b]![row * dim + i] = from[offset + i]! * scale;
    offset += dim;
  }
  return true;
}

/** Moves the rows that are present together. @returns how many there are */
function compact(present: Uint8Array, dims: readonly number[], matrices: readonly Float32Array[]): number {
  let kept = 0;
  for (let row = 0; row < present.length; row++) {
    if (present[row] === 0) continue;
    if (kept !== row) {
      for (const [b, dim] of dims.entries()) matrices[b]!.copyWithin(kept * dim, row * dim, (row + 1) * dim);
    }
    kept++;
  }
  return kept;
}
