import { promises as fs } from "node:fs";
import { availableParallelism } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelManifest, ModelSummary } from "../../shared/index.ts";
import { fingerprint, ModelError, readManifest } from "../model/index.ts";

/** A model that is loaded and ready to embed. */
export interface Embedder {
  /** The model's file. */
  readonly file: string;
  readonly manifest: ModelManifest;
  readonly summary: ModelSummary;
  /** Where the graph runs. */
  readonly device: string;
  /** Sum of the branches' dims: the length of one row of `embed`. */
  readonly dim: number;
  /**
   * @param pixels uint8 RGB `[count, height, width, 3]` of the model's input size
   * @returns float32 `[count, dim]`: the branches of each image side by side in the model's order, each of norm 1
   */
  embed(pixels: Uint8Array, count: number): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Loads a model file.
 * @throws ModelError where the file is not a model of ours
 */
export async function openEmbedder(modelFile: string): Promise<Embedder> {
  let bytes: Uint8Array;
  try {
    bytes = await fs.readFile(modelFile);
  } catch (error) {
    throw new ModelError(`The model ${modelFile} cannot be read. Build it with "npm run build:model".`, {
      cause: error,
    });
  }
  const manifest = readManifest(bytes, modelFile);
  const session = await InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    // One core is left to decoding and to the rest of the machine: with as many threads as cores the pool waits for
    // its slowest thread whenever anything else runs.
    intraOpNumThreads: Math.max(1, availableParallelism() - 1),
  });
  const names = manifest.descriptors.map((branch) => branch.name);
  const dims = manifest.descriptors.map((branch) => branch.dim);
  const dim = dims.reduce((sum, d) => sum + d, 0);
  const { width, height } = manifest.input;

  return {
    file: modelFile,
    manifest,
    summary: { name: manifest.name, fingerprint: fingerprint(bytes), descriptors: names },
    device: "cpu",
    dim,
    async embed(pixels, count) {
      const image = new Tensor("uint8", pixels, [count, height, width, 3]);
      const outputs = await session.run({ image }, names);
      const rows = new Float32Array(count * dim);
      let offset = 0;
      for (const [b, name] of names.entries()) {
        const branch = outputs[name]?.data;
        if (!(branch instanceof Float32Array)) throw new ModelError(`The model gives no float output "${name}".`);
        const d = dims[b]!;
        for (let i = 0; i < count; i++) rows.set(branch.subarray(i * d, (i + 1) * d), i * dim + offset);
        offset += d;
      }
      return rows;
    },
    release: () => session.release(),
  };
}
