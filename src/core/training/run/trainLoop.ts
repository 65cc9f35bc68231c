import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { RUN_FILES } from "../../../shared/index.ts";
import { FileError } from "../../files/index.ts";
import type { TrainingStep } from "../trainingStep.ts";
import { type Best, type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { RunContext } from "./context.ts";
import { type Evaluation, examplesOf } from "./evaluate.ts";
import { PhaseProgress } from "./events.ts";
import { type Batch, Sampler, type SamplerState } from "./sampler.ts";
import { learningRateAt, type Schedule, wholeEpochs } from "./schedule.ts";
import { clearlyBetter, meanOf } from "./validation.ts";
import { collapseOf, TrainingWatch } from "./watch.ts";

/** Milliseconds between two checkpoints. */
const KEEP_EVERY = 30_000;
/** Evaluations of a training's epochs, at most. */
const EVALUATIONS = 20;

/** A training is evaluated after so many epochs each, and after the last. */
export const evaluateEvery = (epochs: number): number => Math.ceil(epochs / EVALUATIONS);

/** How often a training is evaluated: before the first step, after epochs, and the best of it in the end. */
export const evaluationsOf = (epochs: number): number => 2 + Math.ceil(epochs / evaluateEvery(epochs));

export interface LoopParts<Input> {
  /** What the run depends on: a checkpoint with another key is not used. */
  readonly key: string;
  readonly step: TrainingStep<Input>;
  readonly schedule: Schedule;
  /** Class of each training image, 0 and up. */
  readonly labels: Int32Array;
  readonly imagesPerClass: number;
  readonly classesPerBatch: number;
  /** Makes a step's input; called for a few steps ahead. */
  readonly input: (batch: Batch, epoch: number) => Input | Promise<Input>;
  /** Batches that are made ahead while a step runs. */
  readonly ahead: number;
  readonly evaluate: () => Promise<Scores>;
  /** After the last step, before the best state comes back. */
  readonly atEnd: () => Promise<void>;
}

export interface Scores {
  readonly test: Evaluation;
  /** What each query of the validation finds (`precisionsOf`); null where there is none: then the latest is the best. */
  readonly validation: readonly number[] | null;
  /** Embeddings of different images by branch, `[n, dim]`, in which a collapse shows. */
  readonly branches: readonly Float32Array[];
  readonly n: number;
}

/**
 * Trains until the schedule ends, a stop, or what cannot end well; the step holds the best state afterwards. What a
 * checkpoint holds is gone on from.
 */
export async function trainLoop<Input>(
  run: RunContext,
  parts: LoopParts<Input>,
): Promise<{ best: Best; stopped: boolean }> {
  const { emit, control, signal, options } = run;
  const { step, key } = parts;
  const file = join(run.runFolder, RUN_FILES.checkpoint);
  const sampler = new Sampler(parts.labels, parts.classesPerBatch, parts.imagesPerClass, options.seed);
  const kept = await readCheckpoint(file, key);
  const watch = new TrainingWatch(kept?.watch);
  let stands: SamplerState = sampler.state();
  let best: Best;
  if (kept === null) best = (await evaluated(run, parts, 0, null)).best;
  else {
    step.restore(kept.state);
    sampler.restore(kept.sampler);
    stands = kept.sampler;
    best = kept.best;
  }

  const perEpoch = sampler.stepsPerEpoch;
  const schedule = wholeEpochs(parts.schedule, perEpoch);
  const total = schedule.epochs * perEpoch;
  let done = stands.epoch * perEpoch + stands.step;
  const progress = new PhaseProgress(emit, "training", total, step.batch, done);
  let written = performance.now();
  let told = false;
  const keep = async () => {
    written = performance.now();
    const checkpoint: Checkpoint = { key, sampler: stands, watch: watch.state(), state: step.state(), best };
    try {
      await writeCheckpoint(file, checkpoint);
      told = false;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (!told) emit({ type: "warning", message: `No checkpoint: ${error.message} The training goes on.` });
      told = true;
    }
  };

  const queue = new Lookahead(sampler, parts, done, total);
  let reason: string | null = null;
  while (done < total && reason === null) {
    if (control.word === "pause") {
      await keep();
      emit({ type: "paused" });
      await control.whilePaused(signal);
      emit({ type: "resumed" });
    }
    // Whoever ends it so goes on from here.
    if (signal?.aborted) await keep();
    signal?.throwIfAborted();
    if (control.word === "stop") break;
    const { batch, input, after } = await queue.next();
    const epoch = Math.floor(done / perEpoch);
    const labels = batch.images.map((image) => parts.labels[image]!);
    const report = await step.run(input, labels, learningRateAt(schedule, epoch, done));
    stands = after;
    done++;
    emit({ type: "step", epoch, step: done, ...report, p: step.exponents() });
    progress.note(done);
    // The step held the event loop; whoever waits goes first.
    await setImmediate();
    reason = watch.afterStep(report);
    if (reason === null && done % perEpoch === 0) {
      const epochs = done / perEpoch;
      if (epochs === schedule.epochs || epochs % evaluateEvery(schedule.epochs) === 0) {
        const scored = await evaluated(run, parts, epochs, best);
        best = scored.best;
        reason = scored.problem;
      }
    }
    if (performance.now() - written > KEEP_EVERY) await keep();
  }
  const stopped = done < total;
  if (reason !== null) emit({ type: "warning", message: `${reason} The training stops; the best so far is kept.` });
  if (stopped) emit({ type: "stopping" });
  await parts.atEnd();
  step.restore(best.state);
  return { best, stopped };
}

/** Scores the step as it is now, tells so, and says whether it is the best. */
async function evaluated<Input>(
  run: RunContext,
  { step, evaluate }: LoopParts<Input>,
  epoch: number,
  before: Best | null,
): Promise<{ best: Best; problem: string | null }> {
  const { test, validation, branches, n } = await evaluate();
  const isBest = before === null || isBetter(before, validation);
  const { recalls } = test;
  const found = validation === null ? {} : { validation: meanOf(validation) };
  run.emit({ type: "evaluation", epoch, recalls, ...found, best: isBest });
  run.emit({ type: "examples", epoch, examples: examplesOf(run, test) });
  const best = isBest ? { state: step.state(), epoch, precisions: validation, recalls } : before;
  return { best, problem: epoch === 0 ? null : collapseOf(branches, n) };
}

/** The start is left for what is clearly better than it alone: the best of many epochs is easily so by chance. */
function isBetter({ epoch, precisions }: Best, now: readonly number[] | null): boolean {
  if (precisions === null || now === null) return true;
  return epoch === 0 ? clearlyBetter(precisions, now) : meanOf(now) > meanOf(precisions);
}

interface Ready<Input> {
  readonly batch: Batch;
  readonly input: Input;
  /** Where the sampler stands behind this batch. */
  readonly after: SamplerState;
}

/** Makes inputs ahead of their steps. */
class Lookahead<Input> {
  readonly #waiting: Promise<Ready<Input>>[] = [];
  readonly #sampler: Sampler;
  readonly #parts: LoopParts<Input>;
  #left: number;

  constructor(sampler: Sampler, parts: LoopParts<Input>, done: number, total: number) {
    this.#sampler = sampler;
    this.#parts = parts;
    this.#left = total - done;
  }

  next(): Promise<Ready<Input>> {
    while (this.#waiting.length <= this.#parts.ahead && this.#left > 0) {
      this.#left--;
      const ready = this.#make();
      // Its failure is told where it is awaited.
      ready.catch(() => {});
      this.#waiting.push(ready);
    }
    return this.#waiting.shift()!;
  }

  async #make(): Promise<Ready<Input>> {
    const { epoch } = this.#sampler;
    const batch = this.#sampler.next();
    const after = this.#sampler.state();
    return { batch, after, input: await this.#parts.input(batch, epoch) };
  }
}
