/** The part of the engine's protocol that asks an index. */
import type { AcrossResult } from "../across.ts";
import type { LabelFacets, TableColumn } from "../columns.ts";
import type { FolderParams } from "../folder.ts";
import type {
  DuplicatesParams,
  DuplicatesResult,
  ExplainParams,
  ExplainResult,
  FilesMoved,
  FirstLookParams,
  LabelsParams,
  LabelsResult,
  PutAwayParams,
  QueryProgress,
  SimilarParams,
} from "../query.ts";
import type { FirstLook, SimilarResult } from "../results.ts";
import type { KindsGain, Mark, SuggestedWeights, WeightChoice } from "../weights.ts";

/** One query over several indexed folders. */
export interface AcrossParams extends Omit<SimilarParams, "folder" | "labels"> {
  /** Absolute paths; at least one. */
  readonly folders: readonly string[];
  /** Names that stand in front of the paths, and of the filter's `folder`, by folder; the last part of each where absent. */
  readonly names?: Readonly<Record<string, string>>;
  /** Where the labels of the filter come from, by folder; in one that is not here no image has any. Names of folders where absent. */
  readonly labels?: Readonly<Record<string, TableColumn>>;
}

/** Where labels come from: the column of a table, or the folder's name where null. */
export interface LabelSourceParams extends FolderParams {
  readonly from: TableColumn | null;
}

export interface LabelsOfParams extends LabelSourceParams {
  /** Relative to the folder, with `/`. */
  readonly paths: readonly string[];
}

export interface LabelsOfResult {
  /** In the order of the paths; null where an image has no label. */
  readonly labels: readonly (string | null)[];
  /** Another text after each change of the table or the index: the facets are others then, too. */
  readonly state: string;
}

export interface ContentParams extends FolderParams {
  readonly hash: string;
}

export interface CopiesParams {
  /** Absolute paths. */
  readonly images: readonly string[];
}

export interface CopiesResult {
  /** Numbers of images that are the same picture, two or more each, in their order. */
  readonly groups: readonly (readonly number[])[];
  /** Images that could not be looked at. */
  readonly skipped: number;
}

/** Weights of the branches are to be chosen, for the index to hold. */
export interface WeightsParams extends FolderParams {
  readonly choice: WeightChoice;
  /** Where labels come from; names of folders where null. */
  readonly labels: TableColumn | null;
}

export interface MarksParams extends FolderParams {
  readonly marks: readonly Mark[];
}

export interface PairsParams extends FolderParams {
  /** Absolute path of the image that is looked at. */
  readonly image: string;
}

export interface QueryRequests {
  "image/similar": { params: SimilarParams; result: SimilarResult };
  /** The same of a folder without an index, from what can be looked at in a moment; null where there is nothing. */
  "image/firstLook": { params: FirstLookParams; result: FirstLook | null };
  /** Which regions of a query and a result make their score. */
  "image/explain": { params: ExplainParams; result: ExplainResult };
  /** What keeping kinds together does here; null where labels are too few to tell, or the index is too large. */
  "folder/kinds": { params: LabelSourceParams; result: KindsGain | null };
  /** Adds marks, and chooses weights by them: in force from then on where they say enough. */
  "folder/mark": { params: MarksParams; result: SuggestedWeights };
  /** Pairs of images to be marked. */
  "folder/pairs": { params: PairsParams; result: readonly Omit<Mark, "belongs">[] };
  "folder/weights": { params: WeightsParams; result: SuggestedWeights };
  /** Groups of indexed images that are the same picture. */
  "folder/duplicates": { params: DuplicatesParams; result: DuplicatesResult };
  /** Indexed images whose neighbours mostly have another label. */
  "folder/labels": { params: LabelsParams; result: LabelsResult };
  /** Path, relative to the folder, of an indexed image with a content (SHA-256, hexadecimal); null where there is none. */
  "image/withContent": { params: ContentParams; result: string | null };
  "image/similarAcross": { params: AcrossParams; result: AcrossResult };
  /** Which of some images are the same picture, by their appearance alone: they may be of several folders and models. */
  "image/copies": { params: CopiesParams; result: CopiesResult };
  /** Moves files out of a folder, into the review folder beside it. */
  "folder/putAway": { params: PutAwayParams; result: FilesMoved };
  /** Moves back whatever lies in the review folder. */
  "folder/takeBack": { params: Pick<PutAwayParams, "folder">; result: FilesMoved };
  "labels/of": { params: LabelsOfParams; result: LabelsOfResult };
  /** The labels of all indexed images, counted. */
  "labels/facets": { params: LabelSourceParams; result: LabelFacets };
}

export interface QueryNotifications {
  /** A few times a second, of a request that gave its `run`. */
  "query/progress": QueryProgress & { readonly run: number };
}
