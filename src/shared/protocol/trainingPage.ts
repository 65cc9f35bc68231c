/**
 * The link between the extension host and the training page. The page holds no truth: the host sends the whole state, the
 * page asks and draws. Every message from the page is validated at the host.
 */
import type { AblationAxes, AblationCell, AblationResult } from "../ablation.ts";
import type {
  Compared,
  Recalls,
  TrainingData,
  TrainingDevice,
  TrainingExample,
  TrainingOptions,
  TrainingPhase,
  TrainingResult,
} from "../training.ts";
import type { TrainedElsewhere } from "../trainingEngine.ts";
import type { PageThumbnail } from "./page.ts";

/**
 * `choosing` is before a run; all others are of one. `waiting`: another machine takes the steps; `interrupted`: its process is
 * gone before the end; `failed`: it said why it cannot go on.
 */
export const TRAINING_STAGES = [
  "choosing",
  "running",
  "pausing",
  "paused",
  "stopping",
  "waiting",
  "interrupted",
  "failed",
  "done",
] as const;
export type TrainingStage = (typeof TRAINING_STAGES)[number];

export interface TrainingPageState {
  readonly stage: TrainingStage;
  /** Name of the folder that is trained on. */
  readonly folder: string;
  /** Name of the indexed folder that it lies in: what the model that is made can be used for. */
  readonly root: string;
  readonly options: TrainingOptions;
  /** What trainings with these options are to compare; null where it is one training. */
  readonly ablation: AblationAxes | null;
  /** Models that a training can start from. */
  readonly models: readonly StartModel[];
  /** What these options would be given; null until it was counted. */
  readonly data: TrainingData | null;
  readonly counting: boolean;
  /** null while choosing. */
  readonly run: RunProgress | null;
  /** Name under which the model of the run was installed; null until then. */
  readonly installed: string | null;
  /** It is used for the indexed folder. */
  readonly used: boolean;
  /** Name of the model that was used before it, to go back to; null where it is not used. */
  readonly usedBefore: string | null;
  /** Being indexed with that model: 0..1, null where it is not known; absent while nothing is indexed. */
  readonly indexing?: number | null;
  /** Training is not allowed here: the workspace is not trusted. */
  readonly restricted: boolean;
  readonly notice: TrainingNotice | null;
}

export interface StartModel {
  readonly name: string;
  readonly builtIn: boolean;
  /** Such as `mobilenet_v2_140 · SPoC 448 + MAC 448`. */
  readonly detail: string;
}

/** A run as it was told so far. */
export interface RunProgress extends Compared {
  /** Name that the model is given. */
  readonly name: string;
  /** ISO 8601. */
  readonly started: string;
  readonly work: RunWork | null;
  /** Where each kind of work is done, as far as it was told. */
  readonly devices: readonly TrainingDevice[];
  readonly baseline: Recalls | null;
  /** Means of consecutive steps, so that a long run is as quick to draw as a short one. */
  readonly losses: readonly LossPoint[];
  /** Of the latest step. */
  readonly latest: RunStep | null;
  readonly evaluations: readonly RunEvaluation[];
  readonly examples: { readonly epoch: number; readonly examples: readonly TrainingExample[] } | null;
  readonly warnings: readonly string[];
  readonly result: TrainingResult | null;
  /** null where the run is one training. */
  readonly ablation: AblationProgress | null;
  readonly failure: string | null;
  /** What another machine is to do; null where the steps are taken here, or the weights have come. */
  readonly elsewhere: TrainedElsewhere | null;
}

/** How far an ablation is, and what its trainings found. */
export interface AblationProgress {
  readonly done: number;
  readonly of: number;
  /** The training that is under way. */
  readonly current: AblationCell | null;
  readonly results: readonly AblationResult[];
  /** Absolute path of the tables; null before the end. */
  readonly tables: string | null;
  readonly seconds: number;
}

export interface RunWork {
  readonly phase: TrainingPhase;
  readonly done: number;
  readonly total: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number | null;
}

export interface LossPoint {
  /** The last of the steps, from the start of the run. */
  readonly step: number;
  readonly loss: number;
  readonly rankingLoss: number;
  readonly classificationLoss: number;
}

export interface RunStep {
  readonly epoch: number;
  readonly step: number;
  readonly active: number;
  readonly p: Readonly<Record<string, number>>;
}

export interface RunEvaluation {
  readonly epoch: number;
  readonly recalls: Recalls;
  readonly best: boolean;
  /** The best is chosen by images that get no gradient; else the latest is. */
  readonly validated: boolean;
}

export interface TrainingNotice {
  readonly kind: "error" | "info";
  /** What happened and what to do next; already in the user's language. */
  readonly text: string;
  /** Buttons, primary first. */
  readonly actions: readonly TrainingAction[];
}

export const TRAINING_ACTIONS = [
  "start",
  "elsewhere",
  "importWeights",
  "showElsewhere",
  "pause",
  "resume",
  "stop",
  "use",
  "unuse",
  "compareModels",
  "projections",
  "again",
  "showRunning",
  "openTables",
  "setUpTorch",
  "retry",
  "showLog",
  "manageTrust",
  "pickFolder",
  "pickLabels",
  "dropLabels",
] as const;
export type TrainingAction = (typeof TRAINING_ACTIONS)[number];

/** What a page may change before the start. */
export type TrainingChoices = Partial<Omit<TrainingOptions, "folder" | "labels" | "labelColumn" | "device" | "python">>;

/** What the panel keeps of itself over a reload of the window. */
export interface SavedTraining {
  /** Absolute path of the indexed folder. */
  readonly root: string;
  readonly options: TrainingOptions;
  /** The run that is shown; null while choosing. */
  readonly run: string | null;
  /** null where it is one training. */
  readonly ablation: AblationAxes | null;
  /** The model that the run made is in use, and which one was before; absent where it is not. */
  readonly made?: { readonly installed: string; readonly usedBefore: string | null };
}

export interface TrainingPageRequests {
  /** First message of the page. */
  ready: { params: Record<string, never>; result: TrainingPageNotifications["state"] };
  change: { params: { choices: TrainingChoices }; result: null };
  changeAblation: { params: { axes: AblationAxes }; result: null };
  /** `path` as it stands in the examples. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  open: { params: { path: string }; result: null };
  action: { params: { action: TrainingAction }; result: null };
}

export interface TrainingPageNotifications {
  state: { readonly state: TrainingPageState; readonly saved: SavedTraining };
}
