/** The part of the engine's protocol that asks an index. */
import type { AcrossResult } from "../across.ts";
import type {
  DuplicatesParams,
  DuplicatesResult,
  ExplainParams,
  ExplainResult,
  LabelsParams,
  LabelsResult,
  QueryProgress,
  SimilarParams,
} from "../query.ts";
import type { SimilarResult } from "../results.ts";

/** One query over several indexed folders. */
export interface AcrossParams extends Omit<SimilarParams, "folder"> {
  /** Absolute paths; at least one. */
  readonly folders: readonly string[];
  /** Names that stand in front of the paths, and of the filter's `folder`, by folder; the last part of each where absent. */
  readonly names?: Readonly<Record<string, string>>;
}

export interface QueryRequests {
  "image/similar": { params: SimilarParams; result: SimilarResult };
  /** Which regions of a query and a result make their score. */
  "image/explain": { params: ExplainParams; result: ExplainResult };
  /** Groups of indexed images that are the same picture. */
  "folder/duplicates": { params: DuplicatesParams; result: DuplicatesResult };
  /** Indexed images whose neighbours mostly have another label. */
  "folder/labels": { params: LabelsParams; result: LabelsResult };
  "image/similarAcross": { params: AcrossParams; result: AcrossResult };
}

export interface QueryNotifications {
  /** A few times a second, of a request that gave its `run`. */
  "query/progress": QueryProgress & { readonly run: number };
}
