import type { ProjectionParameters } from "../../shared/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import { hashText } from "./random.ts";

/** The embeddings that a projection is made from. Rows are in the same order everywhere. */
export interface VectorSet {
  readonly paths: readonly string[];
  /** Branch names in the model's order. */
  readonly descriptors: readonly string[];
  readonly dims: readonly number[];
  /** Per branch float32 `[count, dim]`, rows of norm 1. */
  readonly matrices: readonly Float32Array[];
  /** uint32 `[count, 2]`: a hash of each embedding, by which a later run sees that it changed. */
  readonly signatures: Uint32Array;
  /** Paths left out because a branch of their embedding is zero or not finite: such a vector is near to nothing. */
  readonly excluded: readonly string[];
}

/** Reads the embeddings of the images that the parameters choose. Rows are ordered by path. */
export async function loadVectors(
  source: EmbeddingSource,
  { sample, under, seed }: Pick<ProjectionParameters, "sample" | "under" | "seed">,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<VectorSet> {
  const prefix = under === "" ? "" : `${under.replace(/\/+$/, "")}/`;
  const inside = (await source.paths()).filter((path) => path.startsWith(prefix));
  const paths = draw(inside, sample ?? inside.length, seed);
  const rows = new Map(paths.map((path, row) => [path, row]));
  const matrices = source.dims.map((dim) => new Float32Array(paths.length * dim));
  const signatures = new Uint32Array(2 * paths.length);
  // An image may leave the index between the list of paths and its embedding.
  const present = new Uint8Array(paths.length);
  const excluded: string[] = [];
  for await (const { path, embedding } of source.embeddings()) {
    signal?.throwIfAborted();
    const row = rows.get(path);
    if (row === undefined) continue;
    sign(embedding, signatures, row);
    if (copyNormalised(embedding, source.dims, matrices, row)) present[row] = 1;
    else excluded.push(path);
  }
  const kept = compact(present, source.dims, matrices, signatures);
  return {
    paths: paths.filter((_, row) => present[row] === 1),
    descriptors: source.model.descriptors,
    dims: source.dims,
    matrices: matrices.map((matrix, b) => matrix.subarray(0, kept * source.dims[b]!)),
    signatures: signatures.slice(0, 2 * kept),
    excluded: excluded.sort(),
  };
}

/** `count` of the paths, chosen by a hash of each: the same files give the same draw, and one more file changes little. */
function draw(paths: readonly string[], count: number, seed: number): string[] {
  const sorted = [...paths].sort();
  if (sorted.length <= count) return sorted;
  const hashes = new Map(sorted.map((path) => [path, hashText(path, seed)]));
  return sorted
    .sort((a, b) => hashes.get(a)! - hashes.get(b)!)
    .slice(0, count)
    .sort();
}

/** @returns false where a branch is zero or not finite */
function copyNormalised(
  embedding: Float32Array,
  dims: readonly number[],
  matrices: readonly Float32Array[],
  row: number,
): boolean {
  let offset = 0;
  for (const [b, dim] of dims.entries()) {
    let sum = 0;
    for (let i = offset; i < offset + dim; i++) sum += embedding[i]! * embedding[i]!;
    if (!(sum > 0 && Number.isFinite(sum))) return false;
    const scale = 1 / Math.sqrt(sum);
    const matrix = matrices[b]!;
    for (let i = 0; i < dim; i++) matrix[row * dim + i] = embedding[offset + i]! * scale;
    offset += dim;
  }
  return true;
}

/** Two 32-bit hashes over the bits of an embedding. */
function sign(embedding: Float32Array, signatures: Uint32Array, row: number): void {
  const words = new Uint32Array(embedding.buffer, embedding.byteOffset, embedding.length);
  let one = 0x811c9dc5;
  let two = 0x9747b28c;
  for (let i = 0; i < words.length; i++) {
    // Float16 values leave the low bits of a float32 empty: the high half is folded in.
    const word = words[i]! ^ (words[i]! >>> 16);
    one = Math.imul(one ^ word, 0x01000193);
    two = Math.imul(two, 0x5bd1e995) + word;
  }
  signatures[2 * row] = one;
  signatures[2 * row + 1] = two;
}

/** Moves the rows that are present together. @returns how many there are */
function compact(
  present: Uint8Array,
  dims: readonly number[],
  matrices: readonly Float32Array[],
  signatures: Uint32Array,
): number {
  let kept = 0;
  for (let row = 0; row < present.length; row++) {
    if (present[row] === 0) continue;
    if (kept !== row) {
      for (const [b, dim] of dims.entries()) matrices[b]!.copyWithin(kept * dim, row * dim, (row + 1) * dim);
      signatures.copyWithin(2 * kept, 2 * row, 2 * row + 2);
    }
    kept++;
  }
  return kept;
}
