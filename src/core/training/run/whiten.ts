import { ADAPTED_METHOD, fitHeads } from "../../adaptation/index.ts";
import type { Recalls } from "../../../shared/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { applyHeads } from "./applyHeads.ts";
import { type RunContext, untilAllowed } from "./context.ts";
import { PhaseProgress } from "./events.ts";
import { type Evaluation, evaluateRows } from "./evaluate.ts";

/** What a mode of training made. */
export interface Trained {
  /** The model's file, before it has its last provenance. */
  readonly bytes: Uint8Array;
  readonly evaluation: Evaluation;
  readonly adapted?: Recalls;
  readonly epochs: number;
  readonly stopped: boolean;
}

/**
 * The model adapted to the training images without their labels, as an index would adapt it, and what it finds.
 * @returns null where the images are too few or too much alike for it
 */
export async function adaptWithoutLabels(run: RunContext): Promise<Omit<Trained, "adapted"> | null> {
  const { options, set, embedder, test, manifest, search, signal } = run;
  const stop = new AbortController();
  let progress: PhaseProgress | undefined;
  const fitted = await fitHeads(options.folder, set.train, embedder, {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    onProgress(done, total) {
      progress ??= new PhaseProgress(run.emit, "training", total);
      progress.note(done);
      if (run.control.word === "stop") stop.abort();
    },
  }).catch(async (error: unknown) => {
    if (stop.signal.aborted) await untilAllowed(run);
    throw error;
  });
  if (fitted === null) return null;
  run.emit({ type: "progress", phase: "evaluating", done: 0, total: 1, imagesPerSecond: 0, secondsLeft: null });
  const names = manifest.descriptors.map((branch) => branch.name);
  const evaluation = await evaluateRows(search, names, await applyHeads(fitted.heads, test.rows, signal), test.images, signal);
  return { heads: fitted.heads, images: fitted.images, evaluation, epochs: 0, stopped: false };
}

/** Mode `whiten`. @throws TrainingError where the images do not suffice */
export async function whiten(run: RunContext): Promise<Trained> {
  const trained = await adaptWithoutLabels(run);
  if (trained !== null) return trained;
  throw new TrainingError(
    "The training images are too few that can be read, or too much alike, to adapt a model to them. Add images, or leave the model as it is.",
  );
}
