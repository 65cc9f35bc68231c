/** The part of the engine's link that is about training. The training itself runs in a process of its own. */
import type { TrainingData, TrainingOptions } from "../training.ts";

export interface TrainingRequests {
  /** Counts what a training would be given, without decoding an image; `problem` says why it could not start. */
  "training/data": { params: { readonly options: TrainingOptions }; result: TrainingData };
}
