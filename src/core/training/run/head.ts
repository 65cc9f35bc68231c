import { COMBINED } from "../../../shared/index.ts";
import { openHeadStep } from "../headStep.ts";
import type { HeadInput } from "../trainingStep.ts";
import type { RunContext, Trained } from "./context.ts";
import { evaluateRows } from "./evaluate.ts";
import { classesOf, embedRows, embedTrain, gather, pictures, select } from "./headData.ts";
import { startHeadsOrFail } from "./headStart.ts";
import { runKey } from "./runKey.ts";
import { trainLoop } from "./trainLoop.ts";
import { validationPart } from "./validation.ts";
import { scoreAdapted } from "./whiten.ts";

/** Where the options say nothing. docs/training.md has what was tried. */
export const HEAD_DEFAULTS = { epochs: 30, learningRate: 1e-4 } as const;

/**
 * Mode `head`: the heads and the auxiliary classifier on a frozen backbone. Every training image and some random crops of
 * it are embedded once; the steps work on these embeddings.
 * @throws TrainingError, CannotTrainError where it cannot be
 */
export async function trainHead(run: RunContext): Promise<Trained> {
  const { options, embedder, bytes, names, search, test, signal } = run;
  const train = await run.cached("train", () => embedTrain(run));
  const adapted = await scoreAdapted(run);
  const part = validationPart(train.images, options.seed);
  const fitted = select(train, (label) => !part.has(label));
  const validation = select(train, (label) => part.has(label));
  const heads = await startHeadsOrFail(fitted, options.dim, signal);
  const { labels, classes } = classesOf(fitted.images);
  const classesPerBatch = Math.min(options.classesPerBatch, classes);
  const step = await openHeadStep({
    bytes,
    file: embedder.summary.name,
    heads,
    classes,
    batch: classesPerBatch * options.imagesPerClass,
    losses: options,
    seed: options.seed,
  });
  try {
    const views = pictures(validation);
    const evaluate = async () => {
      const rows = await embedRows(step.embed, test.rows);
      const held = views.count === 0 ? null : await embedRows(step.embed, views);
      const found = held === null ? null : await evaluateRows(search, names, held, validation.images, signal);
      const shown = held ?? rows;
      return {
        test: await evaluateRows(search, names, rows, test.images, signal),
        validation: found === null ? null : found.recalls[COMBINED]!["recall@1"],
        branches: shown.matrices,
        n: shown.count,
      };
    };
    const { epochs, learningRate } = HEAD_DEFAULTS;
    const { best, stopped } = await trainLoop<HeadInput>(run, {
      key: runKey(run, fitted.images),
      step,
      schedule: { epochs: options.epochs ?? epochs, learningRate: options.learningRate ?? learningRate },
      labels,
      imagesPerClass: options.imagesPerClass,
      classesPerBatch,
      input: ({ images, views: draws }) => gather(fitted, images, draws),
      ahead: 0,
      evaluate,
    });
    const { test: evaluation } = await evaluate();
    return {
      toModel: (training) => step.toModel(run.name, training),
      evaluation,
      ...(adapted === null ? {} : { adapted }),
      epochs: best.epoch,
      stopped,
    };
  } finally {
    await step.close();
  }
}
