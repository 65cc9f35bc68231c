import { COMBINED, type InputSpec, type ModelManifest } from "../../../shared/index.ts";
import { decodeForModel } from "../../images/index.ts";
import { ModelError } from "../errors.ts";
import { readManifest } from "../manifest.ts";
import { type TrialSession, withSession } from "./session.ts";

/** What an imported model did with a few images. */
export interface CheckReport {
  readonly images: number;
  /** Largest distance of a branch's norm from 1. */
  readonly normError: number;
  /** Largest difference between an embedding alone and in a batch. */
  readonly batchError: number;
  /** Cosine of the two images that are most alike to the model, by the combined embedding. */
  readonly closest: number;
}

/** The batch changes an embedding: the network mixes its images, or takes one at a time only. */
export class BatchError extends ModelError {}

const TOLERANCE = 1e-4;
/** The same picture twice differs by less; two pictures that differ by less cannot be told apart. */
const SAME = 1e-6;

/**
 * Runs a model on sample images: alone and as a batch, everything finite and of norm 1, different images different.
 * @param images uint8 `[height, width, 3]` each, at least two different ones
 * @throws BatchError where it works for single images only, ModelError where it does not work
 */
export async function checkModel(bytes: Uint8Array, file: string, images: readonly Uint8Array[]): Promise<CheckReport> {
  const manifest = readManifest(bytes, file);
  return withSession(bytes, { file, optimise: true }, async (session) => {
    const alone: Row[] = [];
    for (const image of images) alone.push(...(await embed(session, manifest, [image])));
    let normError = 0;
    for (const row of alone) {
      for (const [name, values] of Object.entries(row)) {
        const norm = Math.sqrt(dot(values, values));
        if (!Number.isFinite(norm)) {
          throw new ModelError(
            `${file} gives values that are not finite in "${name}". Check its preprocessing and weights.`,
          );
        }
        if (norm === 0) {
          throw new ModelError(
            `${file} gives only zeros in "${name}". Choose another map, or check the preprocessing.`,
          );
        }
        normError = Math.max(normError, Math.abs(norm - 1));
      }
    }
    if (normError > 1e-3) throw new ModelError(`The branches of ${file} have no norm of 1 (off by ${normError}).`);
    const closest = closestPair(alone, file);
    const batchError = await compareBatch(session, manifest, images, alone);
    return { images: images.length, normError, batchError, closest };
  });
}

type Row = Readonly<Record<string, Float32Array>>;

async function embed(
  session: TrialSession,
  { descriptors, input }: ModelManifest,
  images: readonly Uint8Array[],
): Promise<Row[]> {
  const dims = [images.length, input.height, input.width, 3];
  const names = [...descriptors.map(({ name }) => name), COMBINED];
  const outputs = await session.run({ image: { type: "uint8", data: Buffer.concat(images), dims } }, names);
  return images.map((_, n) =>
    Object.fromEntries(
      names.map((name) => {
        const data = outputs[name]?.data as Float32Array;
        const dim = data.length / images.length;
        return [name, data.subarray(n * dim, (n + 1) * dim)];
      }),
    ),
  );
}

function closestPair(rows: readonly Row[], file: string): number {
  let closest = -1;
  for (const [i, a] of rows.entries()) {
    for (const b of rows.slice(0, i)) {
      if (difference(a[COMBINED]!, b[COMBINED]!) < SAME) {
        throw new ModelError(
          `${file} gives the same embedding for different images. Check the preprocessing, or choose another map.`,
        );
      }
      closest = Math.max(closest, dot(a[COMBINED]!, b[COMBINED]!));
    }
  }
  return closest;
}

async function compareBatch(
  session: TrialSession,
  manifest: ModelManifest,
  images: readonly Uint8Array[],
  alone: readonly Row[],
): Promise<number> {
  let batch: Row[];
  try {
    batch = await embed(session, manifest, images);
  } catch (cause) {
    throw new BatchError("The network takes one image at a time only.", { cause });
  }
  let worst = 0;
  for (const [n, row] of batch.entries()) {
    for (const [name, values] of Object.entries(row)) worst = Math.max(worst, difference(values, alone[n]![name]!));
  }
  // The negation also catches NaN.
  if (!(worst <= TOLERANCE)) {
    throw new BatchError(`An image alone and in a batch gets different embeddings (by ${worst.toExponential(1)}).`);
  }
  return worst;
}

/**
 * Sample images for the check: the user's, or four drawn ones with edges, gradients and noise.
 * @param files two or more, or none
 * @throws ModelError where one of them cannot be decoded
 */
export async function sampleImages(files: readonly string[], input: InputSpec): Promise<Uint8Array[]> {
  if (files.length === 0) return [0, 1, 2, 3].map((seed) => drawn(seed, input));
  if (files.length === 1) throw new ModelError("The check compares images: give two or more, or none.");
  return Promise.all(
    files.map(async (file) => {
      try {
        return (await decodeForModel(file, input)).pixels;
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new ModelError(`The image ${file} for the check cannot be used: ${reason}.`, { cause });
      }
    }),
  );
}

/** A made-up picture, another one for each seed. @returns uint8 `[height, width, 3]` */
export function drawn(seed: number, { width, height }: InputSpec): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  let state = seed + 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      const disc = Math.hypot(u - 0.3 - 0.15 * seed, v - 0.5) < 0.15 + 0.05 * seed;
      const stripe = Math.floor((u * (seed + 1) + v * (4 - seed)) * 4) % 2;
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      const noise = (state >>> 24) / 8;
      pixels[at++] = Math.min(255, (disc ? 220 : 40 + 60 * seed * u) + noise);
      pixels[at++] = Math.min(255, 120 * stripe + 80 * v + noise);
      pixels[at++] = Math.min(255, (disc ? 30 : 200 - 50 * seed) * v + noise);
    }
  }
  return pixels;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0);
}
