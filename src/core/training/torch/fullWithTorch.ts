import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { InputSpec } from "../../../shared/index.ts";
import { placeCrop, uncropped } from "../../images/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { CurrentEmbedder } from "../network/currentEmbedder.ts";
import type { FullNetwork } from "../network/fullNetwork.ts";
import type { RunContext, Trained } from "../run/context.ts";
import { embedFiles } from "../run/fullData.ts";
import { classesOf, resizeFor } from "../run/headData.ts";
import { runKey } from "../run/runKey.ts";
import { type Schedule, scheduleOf } from "../run/schedule.ts";
import { scoreTrained } from "../run/trainAndScore.ts";
import { JOB_FILES, type JobImages, jobNetworkOf } from "./job.ts";
import { writePixels } from "./pixels.ts";
import { type TorchParts, trainWithTorch } from "./trainWithTorch.ts";

interface FullData {
  /** Images with a gradient, and the class of each. */
  readonly fitted: readonly LabelledImage[];
  readonly labels: Int32Array;
  /** Of the validation. */
  readonly held: readonly LabelledImage[];
  readonly classesPerBatch: number;
}

/** Mode `full` with the steps of torch: the same crops, batches and learning rates as with the built-in engine. */
export async function trainFullWithTorch(
  run: RunContext,
  full: FullNetwork,
  { fitted, labels, held, classesPerBatch }: FullData,
  defaults: Pick<Schedule, "epochs" | "learningRate">,
): Promise<Trained> {
  const { options, test } = run;
  const { input } = full.network.manifest;
  const whole = uncropped(input, resizeFor(options, Math.max(input.width, input.height)));
  const writeImages: TorchParts["writeImages"] = async (folder, withTest, onImage) => {
    const write = async (file: string, images: readonly LabelledImage[], size: InputSpec): Promise<JobImages> => {
      await writePixels(run, join(folder, file), images, size, onImage);
      return { count: images.length, height: size.height, width: size.width, labels: [...classesOf(images).labels] };
    };
    return {
      train: await write(JOB_FILES.train, fitted, whole),
      validation: await write(JOB_FILES.validation, held, input),
      test: await write(JOB_FILES.test, withTest ? test.images : [], input),
    };
  };
  const { epoch, stopped } = await trainWithTorch(run, {
    key: `torch/${runKey(run, fitted)}`,
    network: jobNetworkOf(full, run.embedder.summary.name),
    images: fitted.length + held.length + (run.torch?.place === null ? 0 : test.images.length),
    writeImages,
    ...{ labels, classesPerBatch, imagesPerClass: options.imagesPerClass, seed: options.seed },
    schedule: scheduleOf(options, defaults),
    view(draw) {
      const { left, top, mirrored } = placeCrop(whole, input, options.flip, xoroshiro128plus(draw));
      return [left, top, mirrored ? 1 : 0];
    },
  });
  const embedder = new CurrentEmbedder(full.network.manifest, full.encode, { device: run.embedder.deviceReport.used });
  try {
    const tested = await embedFiles(run, embedder, test.images, input);
    return await scoreTrained(run, tested, epoch, stopped, (training) => full.toModel(run.name, training));
  } finally {
    await embedder.forget();
  }
}
