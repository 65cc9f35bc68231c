import { join } from "node:path";
import type { TrainingOptions } from "../../../shared/index.ts";
import { decodeForModel, ImageError } from "../../images/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { TrainingSet } from "../data/trainingSet.ts";

/** Images of the short run. */
const TRIED = 8;
/** Inputs per training image: itself, its crops, and the views of the adaptation that it is compared with. */
const INPUTS: Readonly<Record<TrainingOptions["mode"], number>> = { whiten: 3, head: 7, full: 3 };

/** Seconds that embedding will take on this device, by a short run; null where that finds no image. */
export async function estimateSeconds(
  { folder, mode }: TrainingOptions,
  { train, test }: TrainingSet,
  embedder: Embedder,
): Promise<number | null> {
  const stride = Math.max(1, Math.floor(test.length / TRIED));
  const inputs: Uint8Array[] = [];
  const decoding = performance.now();
  for (let i = 0; i < test.length && inputs.length < TRIED; i += stride) {
    try {
      inputs.push((await decodeForModel(join(folder, test[i]!.path), embedder.manifest.input)).pixels);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  }
  if (inputs.length === 0) return null;
  const embedding = performance.now();
  await embedder.embed(Buffer.concat(inputs), inputs.length);
  const now = performance.now();
  // Decoding runs beside the embedding: the slower one sets the pace.
  const each = Math.max(now - embedding, embedding - decoding) / inputs.length / 1000;
  return each * (test.length + INPUTS[mode] * train.length);
}
