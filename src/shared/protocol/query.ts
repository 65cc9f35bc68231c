/** The part of the engine's protocol that asks an index. */
import type { ExplainParams, ExplainResult, SimilarParams } from "../query.ts";
import type { SimilarResult } from "../results.ts";

export interface QueryRequests {
  "image/similar": { params: SimilarParams; result: SimilarResult };
  /** Which regions of a query and a result make their score. */
  "image/explain": { params: ExplainParams; result: ExplainResult };
}
