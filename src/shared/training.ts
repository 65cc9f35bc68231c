/** Training a CGD model (arXiv 1903.10663, section 3) on the user's own folders: what is chosen, told and kept. */

import type { AblationCell, AblationResult } from "./ablation.ts";
import type { DeviceChoice, DeviceUse } from "./device.ts";
import type { FigureBasis } from "./littleData.ts";
import type { AttentionKind } from "./model.ts";
import type { TrainedElsewhere, TrainingEngine, TrainingPrecision } from "./trainingEngine.ts";

/** `whiten` fits heads without labels, `head` trains FC and classifier on a frozen backbone, `full` trains end to end. */
export const TRAINING_MODES = ["whiten", "head", "full"] as const;
export type TrainingMode = (typeof TRAINING_MODES)[number];

export const RANKING_LOSSES = ["triplet", "multiSimilarity", "contrastive", "proxyAnchor"] as const;
export type RankingLoss = (typeof RANKING_LOSSES)[number];

export const CLASSIFICATION_LOSSES = ["softmax", "focal", "arcFace", "none"] as const;
export type ClassificationLoss = (typeof CLASSIFICATION_LOSSES)[number];

/** Least distance that a ranking loss wants, where the options say nothing. docs/training-step.md has what it means in each. */
export const USUAL_MARGINS: Readonly<Record<RankingLoss, number>> = {
  triplet: 0.1,
  multiSimilarity: 0.1,
  contrastive: 0.5,
  proxyAnchor: 0.1,
};

/** Whether the last strided convolutions of a backbone keep their stride; removed in the paper. */
export const LAST_DOWNSAMPLINGS = ["kept", "removed"] as const;
export type LastDownsampling = (typeof LAST_DOWNSAMPLINGS)[number];

/** `frozen`: folded into the convolutions. `batch`: trained, with the statistics of each batch, as the authors do. */
export const BATCH_NORMS = ["frozen", "batch"] as const;
export type BatchNorm = (typeof BATCH_NORMS)[number];

/** What a training is given. Everything but the folder has a default (`TRAINING_DEFAULTS`). */
export interface TrainingOptions {
  /** Absolute path; its folders are the classes where `labels` is null. */
  readonly folder: string;
  /** Absolute path of a CSV or Parquet file that names images, their labels and perhaps the part of a split they are in. */
  readonly labels: string | null;
  /** Its column of labels; `label` where null. */
  readonly labelColumn: string | null;
  readonly mode: TrainingMode;
  /** Name or file of the model to start from; the built-in one where null. */
  readonly model: string | null;
  /** Held-out part: whole classes, as the papers do, or images of every class. A split column wins. */
  readonly split: "class" | "image";
  /** Share of classes (or images) that is held out, 0..1. */
  readonly testShare: number;
  /** As the model builder reads it, such as `SMG`: the first one feeds the classifier. null: as in the model. */
  readonly descriptors: string | null;
  /** Values per branch; null: chosen by the model and the number of images. */
  readonly dim: number | null;
  /** Start of GeM's exponent, and whether it is learned (full only). */
  readonly p: number;
  readonly learnP: boolean;
  readonly ranking: RankingLoss;
  /** Of the ranking loss; `USUAL_MARGINS` has it where null. */
  readonly margin: number | null;
  readonly classification: ClassificationLoss;
  readonly labelSmoothing: number;
  /** Divides the logits; `arcFace` has a scale of its own. */
  readonly temperature: number;
  /** Weights of the two losses in their sum. */
  readonly rankingWeight: number;
  readonly classificationWeight: number;
  readonly attention: AttentionKind | null;
  /** Side in pixels that an image is resized to before a crop of the model's input size is taken (252 for 224). */
  readonly resize: number | null;
  readonly flip: boolean;
  /** A batch holds so many classes, with so many images of each (P x K sampling). */
  readonly classesPerBatch: number;
  readonly imagesPerClass: number;
  readonly epochs: number | null;
  /** All steps of the training, in place of epochs; as many whole epochs as come nearest are done. */
  readonly steps: number | null;
  readonly learningRate: number | null;
  /** From these steps on, counted from 0, the learning rate is a tenth, then a hundredth; by the share of epochs where null. */
  readonly decaySteps: readonly number[] | null;
  /** Over so many first steps the learning rate rises from nearly 0; 0: it starts at its full height. */
  readonly warmupSteps: number;
  /** full: the first stage of the backbone that is trained, by name; null: all of it. */
  readonly trainFrom: string | null;
  /** full, transformers: rank of two small matrices that are trained beside those of queries and values, and merged into them when
   * the model is written (LoRA); null: the backbone's own weights are trained. */
  readonly loraRank: number | null;
  /** full: side of the square input in pixels; the model's own where null. */
  readonly inputSize: number | null;
  /** full: as in the model where null. */
  readonly lastDownsampling: LastDownsampling | null;
  /** full: batch norm of the backbone's trained convolutions. */
  readonly batchNorm: BatchNorm;
  readonly seed: number;
  readonly engine: TrainingEngine;
  /** torch: processes that share each batch; one per GPU, or one, where null. */
  readonly ranks: number | null;
  /** torch: of the backbone. */
  readonly precision: TrainingPrecision;
  /** torch: name or absolute path of the interpreter; looked for where absent. */
  readonly python?: string;
  /** Where the model runs; `auto` where absent. */
  readonly device?: DeviceChoice;
}

export const TRAINING_DEFAULTS = {
  labels: null,
  labelColumn: null,
  mode: "head",
  model: null,
  split: "class",
  testShare: 0.5,
  descriptors: null,
  dim: null,
  p: 3,
  learnP: false,
  ranking: "triplet",
  margin: null,
  classification: "softmax",
  labelSmoothing: 0.1,
  temperature: 0.5,
  rankingWeight: 1,
  classificationWeight: 1,
  attention: null,
  resize: null,
  flip: true,
  classesPerBatch: 32,
  imagesPerClass: 4,
  epochs: null,
  steps: null,
  learningRate: null,
  decaySteps: null,
  warmupSteps: 0,
  trainFrom: null,
  loraRank: null,
  inputSize: null,
  lastDownsampling: null,
  batchNorm: "frozen",
  seed: 1,
  engine: "builtIn",
  ranks: null,
  precision: "float32",
} as const satisfies Omit<TrainingOptions, "folder">;

/** What a folder (with its labels) offers, counted before a training starts. */
export interface TrainingData {
  readonly classes: number;
  readonly images: number;
  /** Classes with a single image: they cannot be a pair, and are left out of the test. */
  readonly singletons: number;
  readonly trainClasses: number;
  readonly trainImages: number;
  readonly testClasses: number;
  readonly testImages: number;
  /** In plain words: rows of the labels file that match nothing, classes left out, and so on. */
  readonly warnings: readonly string[];
  /** Why a training cannot start with these data and options; null where it can. */
  readonly problem: string | null;
  /** The option that makes it impossible; absent where it is about the data. */
  readonly about?: "descriptors" | "trainFrom" | "loraRank" | "model";
  /** Absent where nothing is trained by steps, or the model is not known. */
  readonly chosen?: ChosenForTraining;
  /** Estimated on this machine by a short run; null where nothing is known yet. */
  readonly seconds: number | null;
}

/** What a training takes where an option is null; of `dim`, the widest branch. */
export type ChosenForTraining = Readonly<Record<"epochs" | "learningRate" | "dim" | "margin" | "resize", number>>;

/** Recall@1 as a fraction, by branch name and `combined`, on the held-out images; null where it would mean nothing. */
export type Recalls = Readonly<Record<string, { readonly "recall@1": number | null }>>;

/** One held-out query and its best held-out results, with paths relative to the folder. */
export interface TrainingExample {
  readonly query: string;
  readonly label: string;
  readonly before: readonly ExampleHit[];
  readonly now: readonly ExampleHit[];
}

export interface ExampleHit {
  readonly path: string;
  readonly score: number;
  readonly sameLabel: boolean;
}

/** What the scores of a run are measured on and held against. */
export interface Compared {
  /** Of the held-out images; absent in runs of earlier versions. */
  readonly basis?: FigureBasis;
  /** What the folder is searched with before the run, on the same images; absent where the run was not told of it. */
  readonly inUse?: ScoredModel | { readonly name: string; readonly problem: string };
}

/** Of the model that the folder is searched with. */
interface ScoredModel {
  readonly name: string;
  readonly recalls: Recalls;
}

export type TrainingPhase = "preparing" | "embedding" | "training" | "evaluating" | "writing";

/** Where a part of a run's work is done. */
export interface TrainingDevice extends DeviceUse {
  /** `embedding` with a network that stays as it is, or the steps of the `training` and what the network finds meanwhile. */
  readonly work: "embedding" | "training";
}

/** What a run tells, one JSON object per line, in the order of its work. */
export type TrainingEvent =
  | { readonly type: "data"; readonly data: TrainingData }
  /** How far a phase is: images, steps. */
  | {
      readonly type: "progress";
      readonly phase: TrainingPhase;
      readonly done: number;
      readonly total: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number | null;
    }
  | ({ readonly type: "device" } & TrainingDevice)
  | ({ readonly type: "baseline"; readonly recalls: Recalls } & Compared)
  | {
      readonly type: "step";
      /** That the step is part of, from 0; an evaluation tells the number of epochs that are done. */
      readonly epoch: number;
      readonly step: number;
      readonly loss: number;
      readonly rankingLoss: number;
      readonly classificationLoss: number;
      /** Share of the batch's triplets (or pairs) that still give a gradient, 0..1. */
      readonly active: number;
      /** Mean exponent of each GeM branch, by branch name. */
      readonly p: Readonly<Record<string, number>>;
    }
  | {
      readonly type: "evaluation";
      readonly epoch: number;
      readonly recalls: Recalls;
      /** MAP@R of combined on the validation, by which the best is chosen, 0..1; absent where there is none. */
      readonly validation?: number;
      readonly best: boolean;
    }
  | { readonly type: "examples"; readonly epoch: number; readonly examples: readonly TrainingExample[] }
  | { readonly type: "warning"; readonly message: string }
  /** Nothing goes on here until the weights are there. */
  | ({ readonly type: "prepared" } & TrainedElsewhere)
  | { readonly type: "paused" | "resumed" | "stopping" }
  /** Of an ablation: a training begins, the `done + 1`st. */
  | { readonly type: "cell"; readonly cell: AblationCell; readonly done: number; readonly of: number }
  | {
      readonly type: "results";
      readonly results: readonly AblationResult[];
      readonly done: number;
      readonly of: number;
    }
  /** Its end. `tables`: absolute path of the Markdown file; the others lie beside it. */
  | { readonly type: "ablated"; readonly tables: string; readonly seconds: number }
  | { readonly type: "done"; readonly result: TrainingResult }
  | { readonly type: "failed"; readonly message: string };

/** Also the last line of `lookalike train --json`. */
export interface TrainingResult {
  readonly baseline: Recalls;
  /** Of the model without labels fitted to the same training images; absent where it is the one that was made. */
  readonly adapted?: Recalls;
  readonly trained: Recalls;
  /** Where the test has copies of a picture: the same without copies of a query among its answers. */
  readonly withoutCopies?: { readonly baseline: Recalls; readonly trained: Recalls };
  /** Why there is no figure, or what to think of it; null where there is nothing to say. */
  readonly note: string | null;
  /** Whether combined Recall@1 (without copies, where there are any) rose above the baseline, and above the model in use where that was compared. */
  readonly improved: boolean;
  /** Absolute path of the model that was written. */
  readonly model: string;
  readonly epochs: number;
  readonly seconds: number;
  /** Stopped before its last epoch: the best so far was kept. */
  readonly stopped: boolean;
}
