import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelManifest } from "../../../shared/index.ts";
import { sessionOptions } from "../../runtime/index.ts";
import type { Execution } from "../stepDevice.ts";
import type { PixelInput } from "../trainingStep.ts";

/** Images per run: the feature maps of more would only take memory. */
const EMBED_BATCH = 8;

/** A network in training as it is now, loaded. With constant weights onnxruntime chooses faster kernels than a step has. */
export class CurrentEmbedder {
  readonly #manifest: ModelManifest;
  readonly #encode: () => Uint8Array;
  readonly #options: InferenceSession.SessionOptions;
  #session: InferenceSession | undefined;

  /** @param encode the model as it is */
  constructor(manifest: ModelManifest, encode: () => Uint8Array, { device = "cpu", threads }: Execution) {
    this.#manifest = manifest;
    this.#encode = encode;
    this.#options = sessionOptions(device, { threads, inPart: true });
  }

  /** Embeddings of each branch, float32 `[n, dim]` with rows of norm 1. @param input uint8 `[n, H, W, 3]` */
  async embed(input: PixelInput, n: number): Promise<Float32Array[]> {
    this.#session ??= await InferenceSession.create(this.#encode(), this.#options);
    const {
      descriptors,
      input: { height, width },
    } = this.#manifest;
    const rows = descriptors.map(({ dim }) => new Float32Array(n * dim));
    const size = height * width * 3;
    for (let start = 0; start < n; start += EMBED_BATCH) {
      const count = Math.min(EMBED_BATCH, n - start);
      const pixels = input.subarray(start * size, (start + count) * size);
      const results = await this.#session.run(
        { image: new Tensor("uint8", pixels, [count, height, width, 3]) },
        descriptors.map(({ name }) => name),
      );
      for (const [i, { name, dim }] of descriptors.entries()) {
        rows[i]!.set(results[name]!.data as Float32Array, start * dim);
      }
    }
    return rows;
  }

  /** The network is another now. */
  async forget(): Promise<void> {
    const stale = this.#session;
    // First of all, so that whoever embeds meanwhile opens a new one.
    this.#session = undefined;
    await stale?.release();
  }
}
