import type { Branch } from "../../shared/index.ts";
import {
  buildHandcrafted,
  HANDCRAFTED_BRANCHES,
  type Head,
  joinModels,
  ModelError,
  readManifest,
} from "../model/index.ts";
import { type Embedder, openSession } from "../runtime/index.ts";
import type { BranchRows } from "./gate.ts";

/** A second network that may join a model, where a folder's images speak for it. */
export interface SecondNetwork {
  readonly embedder: Embedder;
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly file: string;
}

/** What gives embeddings of pixels in some branches. */
interface Eye {
  readonly manifest: { readonly descriptors: readonly Branch[] };
  /** Of a row of `embed`. */
  readonly dim: number;
  embed(pixels: Uint8Array, count: number): Promise<Float32Array>;
}

/** What adapting looks at: one model, or several side by side. */
export type Sight = Pick<Embedder, "dim" | "embed"> & {
  readonly manifest: Pick<Embedder["manifest"], "input" | "descriptors" | "text">;
  /** Branches at the end that are left out where nothing can be told from them; 0 where absent. */
  readonly optional?: number;
};

/** A model and its guests as one: the branches of the model, then those of the guests. */
export function sideBySide(model: Embedder, guests: readonly Eye[]): Sight {
  if (guests.length === 0) return model;
  const eyes: readonly Eye[] = [model, ...guests];
  const dim = eyes.reduce((sum, eye) => sum + eye.dim, 0);
  return {
    manifest: { ...model.manifest, descriptors: eyes.flatMap(({ manifest }) => manifest.descriptors) },
    dim,
    optional: guests.reduce((sum, { manifest }) => sum + manifest.descriptors.length, 0),
    async embed(pixels, count) {
      const all = new Float32Array(count * dim);
      let offset = 0;
      for (const eye of eyes) {
        const rows = await eye.embed(pixels, count);
        for (let i = 0; i < count; i++) all.set(rows.subarray(i * eye.dim, (i + 1) * eye.dim), i * dim + offset);
        offset += eye.dim;
      }
      return all;
    },
  };
}

/** All branches without a network, for a model that they could join; null where they cannot. They run on the CPU. */
export async function openHandcrafted(
  model: Uint8Array,
  file: string,
): Promise<(Eye & { release(): Promise<void> }) | null> {
  if (joinedWithHandcrafted(model, file, HANDCRAFTED_BRANCHES) === null) return null;
  const bytes = buildHandcrafted(HANDCRAFTED_BRANCHES, readManifest(model, file).input);
  const manifest = readManifest(bytes, "handcrafted");
  const session = await openSession(bytes, manifest, "cpu");
  return {
    manifest,
    dim: manifest.descriptors.reduce((sum, { dim }) => sum + dim, 0),
    embed: (pixels, count) => session.run(pixels, count),
    release: () => session.release(),
  };
}

/** The file of both models; null where they cannot be one. */
export function joinedWith(bytes: Uint8Array, file: string, second: SecondNetwork): Uint8Array | null {
  return orNull(() => joinModels(bytes, second.bytes, [file, second.file]));
}

/** The file of a model with branches that need no network; null where they cannot be one. @param names of those */
export function joinedWithHandcrafted(bytes: Uint8Array, file: string, names: readonly string[]): Uint8Array | null {
  return orNull(() => {
    const guest = buildHandcrafted(names, readManifest(bytes, file).input);
    return joinModels(bytes, guest, [file, names.join("+")], "handcrafted");
  });
}

function orNull<T>(join: () => T): T | null {
  try {
    return join();
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
