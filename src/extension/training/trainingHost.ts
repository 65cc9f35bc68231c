import type {
  AblationAxes,
  StartModel,
  TrainedElsewhere,
  TrainingData,
  TrainingOptions,
  TrainingPageState,
} from "../../shared/index.ts";
import type { StateHost } from "../pages/shownState.ts";
import type { TrainingRuns } from "./trainingRuns.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface TrainingHost extends StateHost<TrainingPageState> {
  /** Counts what these options would be given. */
  count(options: TrainingOptions, signal: AbortSignal): Promise<TrainingData>;
  /** Models that a training can start from. */
  models(root: string): Promise<readonly StartModel[]>;
  readonly runs: Pick<TrainingRuns, "resume" | "control" | "watch"> & {
    /** @param elsewhere absolute path of a folder where another machine takes the steps */
    start(
      options: TrainingOptions,
      name: string,
      elsewhere: string | undefined,
      ablation: AblationAxes | null,
    ): Promise<string>;
  };
  /** Asks for an empty folder to prepare for another machine; undefined where the user picked none. */
  pickElsewhere(): Promise<string | undefined>;
  /** Whether the weights of another machine are in their place; asks for the file where they are not. */
  bringWeights(prepared: TrainedElsewhere): Promise<boolean>;
  /** Shows how the training of a prepared folder is started. */
  showElsewhere(prepared: TrainedElsewhere): Promise<void>;
  /** A name for the model that is made, which no installed one has. */
  modelName(options: TrainingOptions): Promise<string>;
  /** Copies a made model among the installed ones. @returns its name */
  install(model: string, name: string): Promise<string>;
  /** Name of the model that is used for a folder; null where none can be used. */
  chosen(root: string): Promise<string | null>;
  /** Uses an installed model for a folder. */
  select(name: string, root: string): Promise<void>;
  /** Brings the index of a folder up to date with the model that is used for it. */
  index(root: string, progress: (done: number | null) => void): Promise<void>;
  /** Whether an error says that there is no Python with torch. */
  lacksTorch(error: unknown): boolean;
  /** Whether the workspace is trusted. */
  mayTrain(): boolean;
  texts: {
    readonly notBetter: string;
    readonly stopped: string;
    waiting(folder: string): string;
    busy(folder: string): string;
    interrupted(reason: string | undefined): string;
    /** @param done of the trainings of an ablation */
    interruptedAfter(done: number, of: number): string;
    used(name: string): string;
    usedAgain(name: string): string;
  };
  /** Milliseconds that choices rest before they are counted. */
  readonly rest: number;
}
