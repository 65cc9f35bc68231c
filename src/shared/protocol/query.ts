/** The part of the engine's protocol that asks an index. */
import type { AcrossResult } from "../across.ts";
import type { SimilarParams } from "../query.ts";
import type { SimilarResult } from "../results.ts";

/** One query over several indexed folders. */
export interface AcrossParams extends Omit<SimilarParams, "folder"> {
  /** Absolute paths; at least one. */
  readonly folders: readonly string[];
}

export interface QueryRequests {
  "image/similar": { params: SimilarParams; result: SimilarResult };
  "image/similarAcross": { params: AcrossParams; result: AcrossResult };
}
