import type { AblationAxes } from "./ablation.ts";
import type { TrainingOptions } from "./training.ts";

/**
 * The files of a run, in a folder of its own. The process that trains writes them, whoever watches reads them; so a run
 * outlives the window that started it, unless that asked for its end.
 */
export const RUN_FILES = {
  /** `TrainingRunInfo`, written once. */
  info: "run.json",
  /** `TrainingEvent` per line, appended. */
  events: "events.jsonl",
  /** One word, `run`, `pause` or `stop`, written by who controls the run. */
  control: "control",
  /** Process id of the trainer and the time of its last sign of life, rewritten every few seconds: `TrainerSign`. */
  sign: "trainer.json",
  /** The latest checkpoint; replaced as a whole. */
  checkpoint: "checkpoint.bin",
  /** The model that was made. */
  model: "model.onnx",
} as const;

export interface TrainingRunInfo {
  readonly format: 1;
  readonly options: TrainingOptions;
  /** Name that the model is given. */
  readonly name: string;
  /** What the folder is searched with, to be compared with; absent where that is not known. */
  readonly inUse?: ModelInUse;
  /** Absolute path of the folder where another machine takes the steps; absent where they are taken here. */
  readonly elsewhere?: string;
  /** What is compared, where the run is an ablation: many trainings with these options but for what differs. */
  readonly ablation?: AblationAxes;
  /** ISO 8601. */
  readonly started: string;
}

/** The model that a folder is searched with. */
export interface ModelInUse {
  readonly name: string;
  readonly fingerprint: string;
  /** Absolute path. */
  readonly file: string;
}
