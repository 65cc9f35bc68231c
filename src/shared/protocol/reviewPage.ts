/** The link between the extension host and the page that lists what may be wrong with a folder. */
import type { TableColumn, TableSummary } from "../columns.ts";
import type { DuplicatesResult, LabelsResult } from "../query.ts";
import type { Notice, NoticeAction, PageThumbnail } from "./page.ts";

export type ReviewKind = "duplicates" | "labels";

export interface ReviewState {
  readonly kind: ReviewKind;
  /** Name of what is looked at: the indexed folder, or a part of it. */
  readonly folder: string;
  /** Name of the indexed folder where only a part of it is looked at; null where all of it is. */
  readonly whole: string | null;
  /** null until the answer; only the one of the kind. */
  readonly duplicates: DuplicatesResult | null;
  readonly labels: LabelsResult | null;
  /** Tables that labels can be taken from; of the kind `labels`. */
  readonly tables: readonly TableSummary[];
  /** What is under way, in the user's language, with how much of it is done, 0..1; null when it is finished. */
  readonly progress: { readonly text: string; readonly done: number | null } | null;
  readonly notice: Notice | null;
}

export interface SavedReview {
  readonly kind: ReviewKind;
  /** Absolute path of the indexed folder. */
  readonly folder: string;
  /** The part of it that is looked at, relative with `/`; empty is all. */
  readonly under: string;
  /** Where labels come from; null is the name of the folder. */
  readonly labels: TableColumn | null;
}

export interface ReviewRequests {
  ready: {
    params: Record<string, never>;
    result: ReviewNotifications["state"];
  };
  /** `path` as it stands in the state. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  open: { params: { path: string }; result: null };
  reveal: { params: { path: string }; result: null };
  findSimilar: { params: { path: string }; result: null };
  /** Moves files to the trash after the user has agreed; answers those that are gone. */
  trash: { params: { paths: readonly string[] }; result: readonly string[] };
  /** Moves files into the review folder after the user has agreed; answers those that are gone. */
  putAway: { params: { paths: readonly string[] }; result: readonly string[] };
  /** Saves the paths of files, one a line, where the user says. */
  saveList: { params: { paths: readonly string[] }; result: null };
  /** Takes the labels from somewhere else. */
  labels: { params: { from: TableColumn | null }; result: null };
  /** Lets the user choose a table; null where none was. */
  chooseTable: { params: Record<string, never>; result: TableSummary | null };
  action: { params: { action: NoticeAction }; result: null };
}

export interface ReviewNotifications {
  state: { readonly state: ReviewState; readonly saved: SavedReview };
}
