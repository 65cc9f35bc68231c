import type { AblationEnd, Recalls, TorchPlace, TrainingOptions, TrainingProvenance } from "../../../shared/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import type { TrainingSet } from "../data/trainingSet.ts";
import { StoppedEarly, type TrainingControl } from "./control.ts";
import type { EmbeddedImages } from "./embedImages.ts";
import type { Evaluation } from "./evaluate.ts";
import type { Emit } from "./events.ts";

/**
 * Where torch takes the steps: by an interpreter, or elsewhere. Elsewhere a job is written into that folder (an absolute path)
 * with all that another machine needs, or the result taken that has come back to it.
 */
export type TorchUse = {
  /** Absolute path of `train.py`. */
  readonly script: string;
} & (
  | { readonly place: TorchPlace; readonly elsewhere?: undefined }
  | { readonly place: null; readonly elsewhere: string }
);

/** What every mode of training works with. */
export interface RunContext {
  readonly options: TrainingOptions;
  /** Folder of the run's files. */
  readonly runFolder: string;
  /** Name of the model that is made. */
  readonly name: string;
  readonly set: TrainingSet;
  /** The model to start from: loaded, and as a file's bytes. */
  readonly embedder: Embedder;
  readonly bytes: Uint8Array;
  /** Of its branches. */
  readonly names: readonly string[];
  /** The held-out images as the model to start from embeds them. */
  readonly test: EmbeddedImages;
  /** Numbers of the pictures of the test images, the same for copies; undefined where there are none. */
  readonly copies: Int32Array | undefined;
  readonly baseline: Evaluation;
  /** What the folder is searched with, on the same images; null where it was not compared. */
  readonly inUse: Recalls | null;
  /** Test images that are shown as examples, by their positions. */
  readonly examples: readonly number[];
  readonly control: TrainingControl;
  readonly signal: AbortSignal | undefined;
  readonly emit: Emit;
  /** Keeps embeddings in the run folder, so that a resumed run need not make them again. */
  readonly cached: (name: string, make: () => Promise<EmbeddedImages>) => Promise<EmbeddedImages>;
  /** Whether the model that is adapted without labels is scored as well, for comparison. */
  readonly compare: boolean;
  /** Where the options say that torch takes the steps. */
  readonly torch: TorchUse | undefined;
  /** Told of the held-out images as the model that was made embeds them (`best`), and before as the last step left it (`last`). */
  readonly onTest?: ((rows: Rows, images: readonly LabelledImage[], end: AblationEnd) => void) | undefined;
}

/** What a mode of training made. */
export interface Trained {
  /** The model's file. */
  readonly toModel: (training: TrainingProvenance) => Uint8Array;
  readonly evaluation: Evaluation;
  /** Of the model that was adapted without labels; absent where that is the one that was made, or cannot be. */
  readonly adapted?: Recalls;
  readonly epochs: number;
  readonly stopped: boolean;
}

/** Awaited between two pieces of work that leave nothing to keep: waits while paused. @throws StoppedEarly */
export async function untilAllowed({
  control,
  emit,
  signal,
}: Pick<RunContext, "control" | "emit" | "signal">): Promise<void> {
  if (control.word === "pause") {
    emit({ type: "paused" });
    await control.whilePaused(signal);
    emit({ type: "resumed" });
  }
  signal?.throwIfAborted();
  if (control.word === "stop") {
    throw new StoppedEarly("Stopped before anything was trained: there is no model to keep.");
  }
}
