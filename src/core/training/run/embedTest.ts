import { listed, type TrainingOptions } from "../../../shared/index.ts";
import { decodeForModel } from "../../images/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { TrainingSet } from "../data/trainingSet.ts";
import { type RunContext, untilAllowed } from "./context.ts";
import { type EmbeddedImages, embedImages } from "./embedImages.ts";
import { PhaseProgress } from "./events.ts";

/** Embeds the held-out images. */
export async function embedTest(
  options: TrainingOptions,
  set: TrainingSet,
  embedder: Embedder,
  given: Pick<RunContext, "emit" | "signal" | "control">,
): Promise<EmbeddedImages> {
  const { emit } = given;
  const progress = new PhaseProgress(emit, "embedding", set.test.length);
  const skipped: string[] = [];
  const embedded = await embedImages(options.folder, set.test, embedder, {
    decode: async (file) => [(await decodeForModel(file, embedder.manifest.input)).pixels],
    each: 1,
    between: () => untilAllowed(given),
    onProgress: (done) => progress.note(done),
    onSkip: (path, reason) => skipped.push(`${path} (${reason})`),
  });
  if (skipped.length > 0) {
    emit({ type: "warning", message: `Test images that cannot be decoded, left out: ${listed(skipped)}.` });
  }
  return embedded;
}
