import type { Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import type { RunContext, Trained } from "./context.ts";
import { evaluateRows } from "./evaluate.ts";
import { runKey } from "./runKey.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import { type LoopParts, type Scores, trainLoop } from "./trainLoop.ts";
import { precisionsOf } from "./validation.ts";

interface TrainParts<Input> extends Pick<LoopParts<Input>, "step" | "labels" | "classesPerBatch" | "input" | "ahead"> {
  /** Images with a gradient. */
  readonly images: readonly LabelledImage[];
  /** Images by which the best epoch is chosen; may be none. */
  readonly validation: readonly LabelledImage[];
  /** Embeddings of the test or validation images by the step as it is. */
  readonly rows: (part: "test" | "validation") => Promise<Rows>;
  /** Where the options say nothing. */
  readonly defaults: Pick<Schedule, "epochs" | "learningRate">;
}

/** Trains a step of any mode, and scores the best of it on the test. */
export async function trainAndScore<Input>(run: RunContext, parts: TrainParts<Input>): Promise<Trained> {
  const { options, names, test, copies, signal } = run;
  const { step, images, validation, rows, defaults } = parts;
  run.emit({ type: "device", work: "training", ...step.device });
  const evaluate = async (): Promise<Scores> => {
    const tested = await rows("test");
    const held = validation.length === 0 ? null : await rows("validation");
    const shown = held ?? tested;
    return {
      test: await evaluateRows(names, tested, { images: test.images, copies }, signal),
      validation: held === null ? null : await precisionsOf(names, held, validation, signal),
      branches: shown.matrices,
      n: shown.count,
    };
  };
  const { best, stopped } = await trainLoop(run, {
    key: runKey(run, images),
    step,
    schedule: scheduleOf(options, defaults),
    labels: parts.labels,
    imagesPerClass: options.imagesPerClass,
    classesPerBatch: parts.classesPerBatch,
    input: parts.input,
    ahead: parts.ahead,
    evaluate,
    async atEnd() {
      run.onTest?.(await rows("test"), test.images, "last");
    },
  });
  return scoreTrained(run, await rows("test"), best.epoch, stopped, (training) => step.toModel(run.name, training));
}

/** Scores what was trained on the test. @param tested embeddings of the test images by the model that is made */
export async function scoreTrained(
  run: RunContext,
  tested: Rows,
  epochs: number,
  stopped: boolean,
  toModel: Trained["toModel"],
): Promise<Trained> {
  const { names, test, copies, signal } = run;
  run.onTest?.(tested, test.images, "best");
  const evaluation = await evaluateRows(names, tested, { images: test.images, copies }, signal);
  return { toModel, evaluation, epochs, stopped };
}
