/** Evaluating retrieval: what the engine is asked, and the link to the page that shows a report. */
import type { TableColumn, TableSummary } from "../columns.ts";
import type { Dataset, EvaluationProgress, EvaluationProtocol, EvaluationReport } from "../evaluation.ts";
import type { FileFilter } from "../files.ts";
import type { FolderParams } from "../folder.ts";
import type { Notice, NoticeAction, PageThumbnail } from "./page.ts";

export interface EvaluateParams extends FolderParams {
  /** Numbers the progress that is told. */
  readonly run: number;
  /** Names of installed models beside the one that is chosen for the folder. */
  readonly models: readonly string[];
  readonly labels: TableColumn | null;
  /** That of the data set, else `all`, where null. */
  readonly protocol: EvaluationProtocol | null;
  readonly dataset: Dataset | null;
  /** Absolute path of a file with boxes of objects. */
  readonly boxes: string | null;
  /** Only what the folder is searched with: nothing is embedded. */
  readonly searchedOnly: boolean;
  readonly filter?: FileFilter;
}

export interface EvaluationRequests {
  "folder/evaluate": { params: EvaluateParams; result: EvaluationReport };
  /** The latest report, which was the answer to this `run`, as one HTML file. */
  "evaluation/html": { params: { readonly run: number }; result: { readonly html: string } };
}

export interface EvaluationNotifications {
  /** A few times a second. */
  "evaluation/progress": EvaluationProgress & { readonly run: number };
}

/** What is evaluated; a panel keeps it over a reload. */
export interface EvaluationChoice {
  /** Where labels come from; null is the folder. */
  readonly labels: TableColumn | null;
  readonly protocol: EvaluationProtocol | null;
  readonly dataset: Dataset | null;
  /** Absolute path of a file with boxes of objects. */
  readonly boxes: string | null;
  readonly models: readonly string[];
}

export interface SavedEvaluation extends EvaluationChoice {
  /** Absolute path of the indexed folder. */
  readonly folder: string;
}

export interface EvaluationState {
  /** Name of the folder. */
  readonly folder: string;
  /** null until there is one. */
  readonly report: EvaluationReport | null;
  readonly tables: readonly TableSummary[];
  /** Installed models that can be looked at as well. */
  readonly models: readonly string[];
  readonly progress: { readonly text: string; readonly done: number | null } | null;
  readonly notice: Notice | null;
}

export interface EvaluationPageRequests {
  ready: { params: Record<string, never>; result: EvaluationPageNotifications["state"] };
  /** `path` as it stands in the report. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  findSimilar: { params: { path: string }; result: null };
  open: { params: { path: string }; result: null };
  /** Evaluates something else. */
  choose: { params: EvaluationChoice; result: null };
  /** Lets the user choose a table; null where none was. */
  chooseTable: { params: Record<string, never>; result: TableSummary | null };
  /** Lets the user choose a file with boxes of objects; null where none was. */
  chooseBoxes: { params: Record<string, never>; result: string | null };
  /** Lets the user choose a file, and writes the report there. */
  save: { params: Record<string, never>; result: null };
  action: { params: { action: NoticeAction }; result: null };
}

export interface EvaluationPageNotifications {
  state: { readonly state: EvaluationState; readonly saved: SavedEvaluation };
}
