/** Who takes the steps: onnxruntime with gradients of our own, or torch in a Python of the user's. */
export const TRAINING_ENGINES = ["builtIn", "torch"] as const;
export type TrainingEngine = (typeof TRAINING_ENGINES)[number];

/** A Python that can import torch. */
export interface TorchPlace {
  /** Name or absolute path of the interpreter. */
  readonly python: string;
  /** Of torch. */
  readonly version: string;
  /** CUDA devices that it sees. */
  readonly gpus: number;
}

/** torch: of the backbone's convolutions and products while training; losses and what is behind the maps stay float32. */
export const TRAINING_PRECISIONS = ["float32", "bfloat16", "float16"] as const;
export type TrainingPrecision = (typeof TRAINING_PRECISIONS)[number];

/** That a training runs: of its process. */
export interface TrainerSign {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A training whose steps another machine takes. */
export interface TrainedElsewhere {
  /** Absolute path of the folder that is copied there. */
  readonly folder: string;
  /** Absolute path of the weights that are waited for. */
  readonly result: string;
  /** Command lines of which one starts it, in the folder. */
  readonly lines: readonly string[];
}
