import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { type Head, joinModels, ModelError } from "../model/index.ts";
import type { Embedder } from "../runtime/index.ts";

/** A second network that may join a model, where a folder's images speak for it. */
export interface SecondNetwork {
  readonly embedder: Embedder;
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly file: string;
}

/** With fewer images it cannot be told whether a second network helps: it stays out. */
export const SECOND_FROM = 400;
/** Images that are compared, each with each. */
const COMPARED = 800;
/**
 * Contrast of both networks together, as a multiple of the first's alone, from which on the second may vote; docs/models.md has where
 * sets lie.
 */
const LEAST_GAIN = 1.04;
/** The same over each of some random halves of the images: what it is told by is no accident of some. */
const LEAST_OF_HALVES = 1.02;
/** Random halves of the images that all have to say the same. */
const HALVES = 8;

/** Embeddings of some images in one branch, rows of norm 1. */
export interface BranchRows {
  /** float32 `[count, dim]`. */
  readonly values: Float32Array;
  readonly dim: number;
}

/** What adapting looks at: one model, or two side by side. */
export type Sight = Pick<Embedder, "dim" | "embed"> & {
  readonly manifest: Pick<Embedder["manifest"], "input" | "descriptors" | "text">;
  /** Branches at the end that are left out where nothing can be told from them; 0 where absent. */
  readonly optional?: number;
};

/** Both models as one: the branches of the first, then those of the second. */
export function sideBySide(first: Embedder, second: Embedder): Sight {
  const dim = first.dim + second.dim;
  return {
    manifest: { ...first.manifest, descriptors: [...first.manifest.descriptors, ...second.manifest.descriptors] },
    dim,
    optional: second.manifest.descriptors.length,
    async embed(pixels, count) {
      const all = new Float32Array(count * dim);
      let offset = 0;
      for (const model of [first, second]) {
        const rows = await model.embed(pixels, count);
        for (let i = 0; i < count; i++) {
          all.set(rows.subarray(i * model.dim, (i + 1) * model.dim), i * dim + offset);
        }
        offset += model.dim;
      }
      return all;
    },
  };
}

/** The file of both models; null where they cannot be one. */
export function joinedWith(bytes: Uint8Array, file: string, second: SecondNetwork): Uint8Array | null {
  try {
    return joinModels(bytes, second.bytes, [file, second.file]);
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** A branch behind its head. @param pictures float32 `[n, d]` */
export function behindHead(pictures: Float32Array, head: Head | null, d: number): BranchRows {
  if (head === null) return { values: pictures, dim: d };
  const { weights, bias, dim } = head;
  const count = pictures.length / d;
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const row = values.subarray(i * dim, (i + 1) * dim);
    row.set(bias);
    for (let j = 0; j < d; j++) {
      const x = pictures[i * d + j]!;
      for (let k = 0; k < dim; k++) row[k]! += x * weights[j * dim + k]!;
    }
    const norm = Math.hypot(...row);
    for (let k = 0; k < dim; k++) row[k]! /= norm;
  }
  return { values, dim };
}

/**
 * Whether a second network may vote in a folder, without labels: where both together see clusters more clearly than the first alone. That
 * is told by how far an image's nearest lies above random pairs, in deviations of these, over all images and over each of eight random
 * halves. Networks that see the same clusters and err differently stand out more together; one that sees them less blurs the other.
 * @param own how many of the branches are the first network's
 * @param branches of the same images, behind their heads
 * @returns false too where the images are too few to tell
 */
export function admitsSecond(own: number, branches: readonly BranchRows[]): boolean {
  const total = branches[0]!.values.length / branches[0]!.dim;
  if (total < SECOND_FROM) return false;
  const count = Math.min(total, COMPARED);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));
  const first = scoresOf(branches.slice(0, own), rows);
  // As they are weighed: each network as much as the other.
  const both = scoresOf(branches.slice(own), rows).map((score, i) => (score + first[i]!) / 2);
  const all = Array.from({ length: count }, (_, i) => i);
  const halves = Array.from({ length: HALVES }, (_, seed) => shuffled(all, seed).slice(0, count >> 1));
  const gain = (some: readonly number[]) => {
    const alone = contrast(first, count, some);
    return alone > 0 ? contrast(both, count, some) / alone : 0;
  };
  return gain(all) >= LEAST_GAIN && halves.every((half) => gain(half) >= LEAST_OF_HALVES);
}

/** Mean cosines of the branches, float32 `[count, count]`. */
function scoresOf(branches: readonly BranchRows[], rows: readonly number[]): Float32Array {
  const count = rows.length;
  const scores = new Float32Array(count * count);
  for (const { values, dim } of branches) {
    for (let i = 0; i < count; i++) {
      const a = rows[i]! * dim;
      for (let j = 0; j < i; j++) {
        const b = rows[j]! * dim;
        let sum = 0;
        for (let k = 0; k < dim; k++) sum += values[a + k]! * values[b + k]!;
        scores[i * count + j]! += sum / branches.length;
        scores[j * count + i] = scores[i * count + j]!;
      }
    }
  }
  return scores;
}

/** How far the nearest lies above random pairs, in their deviations. */
function contrast(scores: Float32Array, count: number, rows: readonly number[]): number {
  let [sum, squares, nearest] = [0, 0, 0];
  for (const i of rows) {
    let most = -1;
    for (const j of rows) {
      if (i === j) continue;
      const score = scores[i * count + j]!;
      sum += score;
      squares += score * score;
      if (score > most) most = score;
    }
    nearest += most;
  }
  const pairs = rows.length * (rows.length - 1);
  const mean = sum / pairs;
  const deviation = Math.sqrt(Math.max(0, squares / pairs - mean * mean));
  return deviation > 0 ? (nearest / rows.length - mean) / deviation : 0;
}

function shuffled(rows: readonly number[], seed: number): number[] {
  const random = xoroshiro128plus(seed + 1);
  const keyed = rows.map((row) => [random.next(), row] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, row]) => row);
}
