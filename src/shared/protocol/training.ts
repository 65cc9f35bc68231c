/** The part of the engine's link that is about training. The training itself runs in a process of its own. */
import type { FolderParams } from "../folder.ts";
import type { TrainingData, TrainingOptions } from "../training.ts";
import type { TorchPlace } from "../trainingEngine.ts";
import type { ModelInUse } from "../trainingRun.ts";

export interface TrainingRequests {
  /**
   * Counts what a training would be given; `problem` says why it could not start. A few images are run through the model
   * to estimate the time.
   */
  "training/data": { params: { readonly options: TrainingOptions }; result: TrainingData };
  /** Looks for a Python with torch; without candidates among the usual ones. Says why none will do. */
  "training/torch": { params: { readonly candidates: readonly string[] }; result: TorchPlace | readonly string[] };
  /** What a folder is searched with: the chosen model, adapted where it is. */
  "training/inUse": { params: FolderParams; result: ModelInUse };
}
