import type { Recalls } from "../../../shared/index.ts";
import { ADAPTED_METHOD, fitHeads } from "../../adaptation/index.ts";
import { appendHeads, type Head } from "../../model/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { applyHeads } from "./applyHeads.ts";
import { type RunContext, type Trained, untilAllowed } from "./context.ts";
import { evaluateRows, examplesOf } from "./evaluate.ts";
import { PhaseProgress } from "./events.ts";

interface Adapted {
  readonly heads: readonly (Head | null)[];
  /** Images that the heads were fitted on. */
  readonly images: number;
  /** The test images behind these heads. */
  readonly rows: Rows;
}

/** What the model finds that is adapted to the training images without their labels; null where it cannot be, or nobody asks. */
export async function scoreAdapted(run: RunContext): Promise<Recalls | null> {
  if (!run.compare) return null;
  const { test, names, signal } = run;
  const { images, rows } = await run.cached("adapted", async () => {
    const adapted = await adaptWithoutLabels(run, "embedding");
    return adapted === null
      ? { images: [], each: 1, rows: { count: 0, dims: [], matrices: [] } }
      : { images: test.images, each: 1, rows: adapted.rows };
  });
  if (images.length > 0) return (await evaluateRows(names, rows, { images, copies: run.copies }, signal)).recalls;
  const message =
    "No model without labels to compare with: the training images are too few, or too much alike, to adapt one.";
  run.emit({ type: "warning", message });
  return null;
}

/**
 * The model adapted to the training images without their labels, as an index would adapt it.
 * @returns null where the images are too few or too much alike for it
 */
async function adaptWithoutLabels(run: RunContext, phase: "embedding" | "training"): Promise<Adapted | null> {
  const { options, set, embedder, test, signal, control } = run;
  const stop = new AbortController();
  let progress: PhaseProgress | undefined;
  const fitted = await fitHeads(options.folder, set.train, embedder, {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    onProgress(done, total) {
      progress ??= new PhaseProgress(run.emit, phase, total);
      progress.note(done);
      if (control.word === "stop") stop.abort();
    },
  }).catch(async (error: unknown) => {
    if (stop.signal.aborted) await untilAllowed(run);
    throw error;
  });
  if (fitted === null) return null;
  return { ...fitted, rows: await applyHeads(fitted.heads, test.rows, signal) };
}

/** Mode `whiten`. @throws TrainingError where the images do not suffice */
export async function whiten(run: RunContext): Promise<Trained> {
  const adapted = await adaptWithoutLabels(run, "training");
  if (adapted === null) {
    throw new TrainingError(
      "The training images that can be read are too few, or too much alike, to adapt a model to them. Add images, or leave the model as it is.",
    );
  }
  const { heads, images, rows } = adapted;
  const { test, names, signal } = run;
  run.onTest?.(rows, test.images, "best");
  const evaluation = await evaluateRows(names, rows, { images: test.images, copies: run.copies }, signal);
  run.emit({ type: "examples", epoch: 0, examples: examplesOf(run, evaluation) });
  const { name, fingerprint } = run.embedder.summary;
  return {
    toModel: (training) =>
      appendHeads(run.bytes, name, heads, run.name, { ...training, method: ADAPTED_METHOD, images, base: fingerprint }),
    evaluation,
    epochs: 0,
    stopped: false,
  };
}
