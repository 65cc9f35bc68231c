import { join } from "node:path";
import type { TrainingHost } from "../../../src/extension/training/trainingHost.ts";
import {
  type RunProgress,
  TRAINING_DEFAULTS,
  type TrainingData,
  type TrainingOptions,
  type TrainingResult,
} from "../../../src/shared/index.ts";

export const ROOT = join("/data", "pictures");
export const OPTIONS: TrainingOptions = { ...TRAINING_DEFAULTS, folder: join(ROOT, "birds") };
export const DATA = { classes: 4, images: 20, warnings: [], problem: null, seconds: 60 } as unknown as TrainingData;
const RECALLS = { combined: { "recall@1": 0.5 } };
export const RESULT: TrainingResult = {
  baseline: RECALLS,
  trained: RECALLS,
  note: null,
  improved: true,
  model: "/runs/1/model.onnx",
  epochs: 3,
  seconds: 9,
  stopped: false,
};
export const PROGRESS: RunProgress = {
  name: "birds-head",
  started: "",
  work: null,
  devices: [],
  baseline: null,
  losses: [],
  latest: null,
  evaluations: [],
  examples: null,
  warnings: [],
  result: null,
  failure: null,
  elsewhere: null,
  ablation: null,
};
export const PREPARED = {
  folder: "/usb/birds",
  result: "/usb/birds/job/result.safetensors",
  lines: ["python train.py"],
};

export const TEXTS: TrainingHost["texts"] = {
  notBetter: "not better",
  stopped: "stopped",
  waiting: (folder) => `prepared in ${folder}`,
  busy: (folder) => `busy with ${folder}`,
  interrupted: (reason) => `interrupted: ${reason}`,
  interruptedAfter: (done, of) => `interrupted after ${done} of ${of}`,
  used: (name) => `used ${name}`,
  usedAgain: (name) => `used ${name} again`,
};
