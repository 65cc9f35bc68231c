import type { Compared, ModelInUse, Recalls, TrainingOptions } from "../../../shared/index.ts";
import { ModelError } from "../../model/index.ts";
import { openEmbedder } from "../../runtime/index.ts";
import type { TrainingSet } from "../data/trainingSet.ts";
import type { RunContext } from "./context.ts";
import { embedTest } from "./embedTest.ts";
import { evaluateRows } from "./evaluate.ts";
import { tellSeenBefore } from "./seenBefore.ts";

/**
 * What the model in use finds among the held-out images. It may be gone, or be none that can be read: then the run says so,
 * and goes on.
 * @param baseline of the model to start from, which may be the one in use
 * @param copies numbers of the pictures of the test images
 */
export async function scoreInUse(
  options: TrainingOptions,
  set: TrainingSet,
  given: Pick<RunContext, "embedder" | "signal" | "emit" | "control"> & { readonly inUse: ModelInUse | undefined },
  baseline: Recalls,
  copies: Int32Array | undefined,
): Promise<Compared["inUse"]> {
  const { inUse, embedder, signal } = given;
  if (inUse === undefined) return undefined;
  const { name } = inUse;
  if (inUse.fingerprint === embedder.summary.fingerprint) return { name, recalls: baseline };
  try {
    const used = await openEmbedder(inUse.file, { device: embedder.deviceReport.used });
    try {
      await tellSeenBefore({ options, set, signal, emit: given.emit }, used, "the model in use");
      const { images, rows } = await embedTest(options, set, used, given);
      // Numbers of pictures are in the order of the test as the start's model could read it.
      const tested = { images, copies: copies?.length === images.length ? copies : undefined };
      const names = used.manifest.descriptors.map((branch) => branch.name);
      return { name, recalls: (await evaluateRows(names, rows, tested, signal)).recalls };
    } finally {
      await used.release();
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { name, problem: error.message };
  }
}
