import type { TrainingOptions } from "./training.ts";

/** What both recipes share: MG with 1536 values, 224 pixels on a 14 x 14 map, the losses of the paper. */
const CUB = {
  mode: "full",
  descriptors: "MG",
  dim: 768,
  p: 3,
  inputSize: 224,
  lastDownsampling: "removed",
  resize: 252,
  flip: true,
  ranking: "triplet",
  margin: 0.1,
  classification: "softmax",
  labelSmoothing: 0.1,
  temperature: 0.5,
  classesPerBatch: 32,
  imagesPerClass: 4,
  learningRate: 1e-4,
} as const;

/**
 * Recipes of others for CUB-200-2011, as far as they are published; docs/training.md has the sources, and where they go
 * beyond what can be chosen here.
 */
export const TRAINING_PRESETS = {
  /** leftthomas/CGD: 20 epochs, a tenth of the rate from epochs 12 and 16, batch norm of the backbone frozen. */
  reimplementation: { ...CUB, epochs: 20, batchNorm: "frozen" },
  /** naver/cgd, issue 3: 1,500 iterations, a tenth of the rate from 400 and 800, batch norm not frozen. */
  authors: { ...CUB, steps: 1500, decaySteps: [400, 800], batchNorm: "batch" },
} as const satisfies Readonly<Record<string, Partial<TrainingOptions>>>;

export type TrainingPreset = keyof typeof TRAINING_PRESETS;
