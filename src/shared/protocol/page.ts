/**
 * The link between the extension host and the similar page. The page holds no truth: the host sends the whole state,
 * the page asks and draws. Every message from the page is validated at the host.
 */

import type { AcrossResult } from "../across.ts";
import type { LabelFacets, TableColumn, TableSummary } from "../columns.ts";
import type { ModelSummary } from "../model.ts";
import type { Box, BranchWeights, ExplainResult, QueryExample, QueryText, ResultFilter } from "../query.ts";
import type { IndexProgress, RankedImage, SimilarResult } from "../results.ts";
import type { KindsGain, Mark, SuggestedWeights } from "../weights.ts";

export interface SimilarState {
  /** The first of the examples; of words alone, these, with an empty path. */
  readonly query: QueryImage;
  readonly examples: readonly ExampleImage[];
  /** Words of the query; none where absent. */
  readonly texts?: readonly QueryText[];
  /** Whether the model in use understands words; not where it is not known yet. */
  readonly takesWords?: boolean;
  /** As asked for; `result` holds those that it was made with, which may be older. */
  readonly weights: BranchWeights;
  readonly filter: ResultFilter;
  /** Where labels come from; null is the name of an image's folder. */
  readonly labels: TableColumn | null;
  /** Where all folders of the window are searched; null where one is. Paths then begin with the name of a folder. */
  readonly across: AcrossState | null;
  /** Name of the indexed folder, and how many images of it can be found, or of all folders that are searched. */
  readonly folder: { readonly name: string; readonly indexed: number };
  readonly device: string | null;
  /** Another device was asked for, and why it is not used; null where the wish is met, or there was none. */
  readonly unmet: { readonly asked: string; readonly reason: string } | null;
  /** Fingerprint of the model in use; null until it is known. Where it is not the result's, the result is an old one. */
  readonly model: string | null;
  /** null until the first answer. */
  readonly result: SimilarResult | null;
  /** The combined lists of several models instead of the lists of one; `result` is null then. */
  readonly comparison: readonly ComparedModel[] | null;
  /** A query is under way. */
  readonly searching: boolean;
  /** Indexing of the folder under way: the lists are of what is indexed so far. */
  readonly progress: IndexProgress | null;
  readonly notice: Notice | null;
}

/** Of a search of several folders. */
export interface AcrossState {
  /** As in `AcrossResult`; null until the first answer. */
  readonly order: AcrossResult["order"] | null;
  /** What embedded each folder, by the folder's name. */
  readonly models: Readonly<Record<string, ModelSummary>>;
  /** The weights that its scores split by, likewise; absent before the first answer. */
  readonly weightsOf?: Readonly<Record<string, BranchWeights>>;
  /** Name of the folder that is being indexed. */
  readonly indexing: string | null;
}

export interface ComparedModel {
  /** Under which it is installed. */
  readonly name: string;
  /** Its combined list; null until its first answer. */
  readonly ranked: readonly RankedImage[] | null;
}

export interface QueryImage {
  readonly name: string;
  /** Relative to the folder with `/`, or absolute where it lies outside. */
  readonly path: string;
  /** Whether `path` is inside the folder. */
  readonly inside: boolean;
}

export interface ExampleImage extends QueryImage, ExampleForm {}

/** What the page may change of an example. */
export interface ExampleForm {
  readonly sign: 1 | -1;
  readonly box: Box | null;
  /** How much it counts beside the other parts of the query, above 0; 1 where absent. */
  readonly weight?: number;
}

/** What the page may change of a query; paths as they stand in the state or in a result. */
export interface PageQuery {
  readonly examples: readonly ({ readonly path: string } & ExampleForm)[];
  /** Words beside them, or instead of them. */
  readonly texts?: readonly QueryText[];
  readonly weights: BranchWeights;
  readonly filter: ResultFilter;
  /** Where labels come from: a column of one of the tables that the host offers. */
  readonly labels: TableColumn | null;
  /** Whether all folders of the window are searched. */
  readonly across: boolean;
}

/** How the panel around the query stands. */
export interface PanelState {
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
  /** A pinned panel keeps its query; the next one opens another panel. */
  readonly pinned: boolean;
  /** Whether the window has several folders, so that all can be searched. */
  readonly severalFolders: boolean;
  /** Images of the query, as their paths stand in the state, whose files are gone: the results are of before. */
  readonly gone?: readonly string[];
}

export interface Notice {
  readonly kind: "error" | "info";
  /** What happened, to which file, what to do next; already in the user's language. */
  readonly text: string;
  /** Buttons, primary first. */
  readonly actions: readonly NoticeAction[];
}

export type NoticeAction =
  | "indexFolder"
  | "manageTrust"
  | "showLog"
  | "retry"
  | "cancelIndexing"
  | "endComparison"
  | "evaluate"
  | "enterPassword";

export interface PageThumbnail {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The labels of what is shown. */
export interface ShownLabels {
  /** That labels can be taken from: beside the images, and chosen by hand. */
  readonly tables: readonly TableSummary[];
  /** Paths as they stand in the state, each with its label from a table; images without one are not in it. Labels that are
   * names of folders are not told: paths say them. */
  readonly byPath: readonly (readonly [path: string, label: string])[];
  /** Of all images that are searched; null until they are counted. */
  readonly facets: LabelFacets | null;
  /** Why there are no labels, for the user. */
  readonly problem: string | null;
}

/** What the page draws, and what it keeps: the host finds the query again in that after a reload of the window. */
export interface Shown {
  readonly state: SimilarState;
  readonly panel: PanelState;
  readonly saved: SavedQuery;
  /** Where it is another one than the page was told last. */
  readonly history?: SavedHistory;
  /** Number of the state's result in its panel. Under the same number it is the one that the page has already. */
  readonly answer: number;
}

export interface PageStart extends Shown {
  readonly labels: ShownLabels;
}

/** What changed of it: without the result where the page has it. */
export interface ShownChange extends Omit<Shown, "state"> {
  readonly state: SimilarState | Omit<SimilarState, "result">;
}

export interface SavedQuery {
  /** Absolute path. */
  readonly folder: string;
  /** With absolute paths. */
  readonly examples: readonly QueryExample[];
  readonly texts?: readonly QueryText[];
  readonly weights: BranchWeights;
  readonly filter: ResultFilter;
  readonly labels: TableColumn | null;
  readonly across: boolean;
  readonly pinned: boolean;
}

/** The queries of a panel one after the other. */
export interface SavedHistory {
  readonly visits: readonly Omit<SavedQuery, "pinned">[];
  /** Number of the one that is shown. */
  readonly at: number;
}

export interface PageRequests {
  /** First message of the page. */
  ready: { params: Record<string, never>; result: PageStart };
  /** `path` as it stands in the state or in a result. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  /** `preview` reuses the preview editor, `keep` opens an editor that stays. */
  open: { params: { path: string; mode: "preview" | "keep" }; result: null };
  action: { params: { action: NoticeAction }; result: null };
  /** Ask for lists of another length. */
  more: { params: { k: number }; result: null };
  /** Ask something else of the same folder. */
  query: { params: PageQuery; result: null };
  /** What keeping kinds together does, by the labels that are shown. */
  kindsGain: { params: Record<string, never>; result: KindsGain | null };
  /** Pairs of images to be marked; paths as they stand in the state. */
  pairs: { params: Record<string, never>; result: readonly Omit<Mark, "belongs">[] };
  /** Chooses weights by marks. */
  mark: { params: { marks: readonly Mark[] }; result: SuggestedWeights };
  /** Chooses weights for the index to hold, by the labels that are shown. */
  suggest: { params: { choice: "auto" | "equal" }; result: null };
  /** Which regions make the score of a result with one of the examples. */
  explain: { params: { example: string; box: Box | null; result: string }; result: ExplainResult };
  /**
   * Groups of images that are the same picture: paths as they stand in the state. Of one folder all, so that one answer does
   * for every list; of several folders those that are in the lists now.
   */
  copies: { params: Record<string, never>; result: readonly (readonly string[])[] };
  /** Lets the user choose a table that labels can be taken from; null where none was. */
  chooseTable: { params: Record<string, never>; result: TableSummary | null };
  /** Images that were dropped become examples; URIs. */
  drop: { params: { uris: readonly string[]; sign: 1 | -1 }; result: null };
  /** An image from the clipboard becomes the query. */
  paste: { params: { bytes: Uint8Array }; result: null };
  /** Lets the user choose images on disk as examples. */
  pick: { params: { sign: 1 | -1 }; result: null };
  /** Lets the user choose where to keep a file. */
  save: { params: { name: string; content: string | Uint8Array }; result: null };
  copy: { params: { text: string }; result: null };
  history: { params: { step: 1 | -1 }; result: null };
  pin: { params: { pinned: boolean }; result: null };
  /** Keeps the query under a name that the user chooses. */
  saveQuery: { params: Record<string, never>; result: null };
}

export interface PageNotifications {
  state: ShownChange;
  labels: ShownLabels;
}
