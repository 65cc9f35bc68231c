import { openHeadStep } from "../headStep.ts";
import { openHeadNetwork } from "../network/headNetwork.ts";
import { trainHeadWithTorch } from "../torch/headWithTorch.ts";
import type { HeadInput } from "../trainingStep.ts";
import type { RunContext, Trained } from "./context.ts";
import { classesOf, embedRows, embedTrain, gather, pictures, select } from "./headData.ts";
import { startHeadsOrFail } from "./headStart.ts";
import { HEAD_DEFAULTS } from "./headTimes.ts";
import { tellCopies } from "./tellCopies.ts";
import { trainAndScore } from "./trainAndScore.ts";
import { validationPart } from "./validation.ts";
import { scoreAdapted } from "./whiten.ts";

/**
 * Mode `head`: the heads and the auxiliary classifier on a frozen backbone. Every training image and some random crops of
 * it are embedded once; the steps work on these embeddings.
 * @throws TrainingError, CannotTrainError where it cannot be
 */
export async function trainHead(run: RunContext): Promise<Trained> {
  const { options, embedder, bytes, test, signal } = run;
  const train = await run.cached("train", () => embedTrain(run));
  await tellCopies(run, train);
  const adapted = await scoreAdapted(run);
  const part = validationPart(train.images, options.seed);
  const fitted = select(train, (label) => !part.has(label));
  const validation = select(train, (label) => part.has(label));
  const heads = await startHeadsOrFail(fitted, options.dim, signal);
  const { labels, classes } = classesOf(fitted.images);
  const classesPerBatch = Math.min(options.classesPerBatch, classes);
  const given = {
    bytes,
    file: embedder.summary.name,
    heads,
    classes,
    batch: classesPerBatch * options.imagesPerClass,
    losses: options,
    seed: options.seed,
  };
  const views = pictures(validation);
  if (options.engine === "torch") {
    const data = { fitted, labels, held: validation.images, views, classesPerBatch };
    const trained = await trainHeadWithTorch(run, await openHeadNetwork(given, {}), data, HEAD_DEFAULTS);
    return { ...trained, ...(adapted === null ? {} : { adapted }) };
  }
  const step = await openHeadStep(given);
  try {
    const trained = await trainAndScore<HeadInput>(run, {
      step,
      images: fitted.images,
      validation: validation.images,
      labels,
      classesPerBatch,
      input: ({ images, views: draws }) => gather(fitted, images, draws),
      ahead: 0,
      rows: (part) => embedRows(step.embed, part === "test" ? test.rows : views),
      defaults: HEAD_DEFAULTS,
    });
    return { ...trained, ...(adapted === null ? {} : { adapted }) };
  } finally {
    await step.close();
  }
}
