import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Device, ModelManifest } from "../../shared/index.ts";
import { ModelError } from "../model/index.ts";
import { sessionOptions } from "./sessionOptions.ts";

/** A model on one device. */
export interface ModelSession {
  /**
   * @param pixels uint8 RGB `[count, height, width, 3]` of the model's input size
   * @returns float32 `[count, dim]`: the branches of each image side by side in the model's order
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Puts a model on a device. On any device but the CPU it is all or nothing: onnxruntime would otherwise hand nodes that
 * the device lacks to the CPU without a word, and call it done.
 * @throws where the device is not there, or lacks one of the graph's operators
 */
export async function openSession(
  bytes: Uint8Array,
  manifest: Pick<ModelManifest, "descriptors" | "input">,
  device: Device,
): Promise<ModelSession> {
  const session = await InferenceSession.create(bytes, sessionOptions(device));
  const names = manifest.descriptors.map((branch) => branch.name);
  const dims = manifest.descriptors.map((branch) => branch.dim);
  const dim = dims.reduce((sum, d) => sum + d, 0);
  const { width, height } = manifest.input;
  return {
    async run(pixels, count) {
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
