import { promises as fs } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../../files/index.ts";
import { openEmbedder } from "../../runtime/index.ts";
import { CannotTrainError } from "../errors.ts";
import { openFullStep } from "../fullStep.ts";
import { openFullNetwork } from "../network/fullNetwork.ts";
import { trainFullWithTorch } from "../torch/fullWithTorch.ts";
import type { PixelInput } from "../trainingStep.ts";
import type { RunContext, Trained } from "./context.ts";
import { CACHE_SUFFIX } from "./embeddingCache.ts";
import { FULL_DEFAULTS } from "./estimate.ts";
import { cropsOf, embedFiles } from "./fullData.ts";
import { classesOf, classMeans, embedTrain, select } from "./headData.ts";
import { startHeadsOrFail } from "./headStart.ts";
import { resizedModel } from "./resizedModel.ts";
import { tellCopies } from "./tellCopies.ts";
import { trainAndScore } from "./trainAndScore.ts";
import { validationPart } from "./validation.ts";
import { scoreAdapted } from "./whiten.ts";

/** The same as `trainFull`; what cannot be trained end to end is told with what can be done instead. */
export async function trainFullOrOfferHead(run: RunContext): Promise<Trained> {
  try {
    return await trainFull(run);
  } catch (cause) {
    if (!(cause instanceof CannotTrainError) || /\bhead\b/.test(cause.message)) throw cause;
    throw new CannotTrainError(`${cause.message} The mode head trains any model.`, { cause });
  }
}

/**
 * Mode `full`: backbone (from a stage on), descriptors and FC, end to end. It starts where the training of a head starts:
 * from heads that are fitted to the frozen model.
 * @throws TrainingError, CannotTrainError where it cannot be
 */
async function trainFull(run: RunContext): Promise<Trained> {
  const { options, bytes, embedder, test, signal } = run;
  const file = embedder.summary.name;
  const inputSize = options.inputSize ?? undefined;
  const network = { bytes, file, inputSize, removeLastDownsampling: removesLastDownsampling(run) };
  const frozenFile = join(run.runFolder, `frozen.onnx${CACHE_SUFFIX}`);
  await writeFileAtomically(frozenFile, resizedModel(network));
  const frozen = await openEmbedder(frozenFile, { device: embedder.deviceReport.used });
  const { input } = frozen.manifest;
  const { used, reason } = frozen.deviceReport;
  if (used !== embedder.deviceReport.used) run.emit({ type: "device", work: "embedding", used, reason });
  const train = await run
    .cached("train", () => embedTrain({ ...run, embedder: frozen }))
    .finally(() => frozen.release());
  await tellCopies(run, train);
  const adapted = await scoreAdapted(run);
  const part = validationPart(train.images, options.seed);
  const fitted = select(train, (label) => !part.has(label));
  const held = train.images.filter(({ label }) => part.has(label));
  const heads = await startHeadsOrFail(fitted, options.dim, signal);
  const { labels, classes } = classesOf(fitted.images);
  const classesPerBatch = Math.min(options.classesPerBatch, classes);
  const given = {
    ...network,
    heads,
    classes,
    means: classMeans(fitted, labels, classes),
    batch: classesPerBatch * options.imagesPerClass,
    losses: options,
    seed: options.seed,
    trainFrom: options.trainFrom,
    learnP: options.learnP,
    loraRank: options.loraRank,
    batchNorm: options.batchNorm,
  };
  if (options.engine === "torch") {
    const data = { fitted: fitted.images, held, labels, classesPerBatch };
    const trained = await trainFullWithTorch(run, openFullNetwork(given), data, FULL_DEFAULTS);
    await fs.rm(frozenFile, { force: true });
    return { ...trained, ...(adapted === null ? {} : { adapted }) };
  }
  const step = await openFullStep({ ...given, device: embedder.deviceReport.used });
  try {
    const trained = await trainAndScore<PixelInput>(run, {
      step,
      images: fitted.images,
      validation: held,
      labels,
      classesPerBatch,
      input: ({ images, views }) => cropsOf(run, fitted.images, images, views, input),
      ahead: 2,
      rows: (part) => embedFiles(run, step, part === "test" ? test.images : held, input),
      defaults: FULL_DEFAULTS,
    });
    return { ...trained, ...(adapted === null ? {} : { adapted }) };
  } finally {
    await step.close();
    await fs.rm(frozenFile, { force: true });
  }
}

function removesLastDownsampling({ options, embedder }: RunContext): boolean {
  const { name, backbone } = embedder.manifest;
  if (options.lastDownsampling === "kept" && backbone.lastDownsampling === "removed") {
    throw new CannotTrainError(
      `The last downsampling of ${name} is removed already and cannot be put back. Leave it as in the model, or start from a model that has it.`,
    );
  }
  return options.lastDownsampling === "removed";
}
