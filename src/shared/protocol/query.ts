/** The part of the engine's protocol that asks an index. */
import type { SimilarParams } from "../query.ts";
import type { SimilarResult } from "../results.ts";

export interface QueryRequests {
  "image/similar": { params: SimilarParams; result: SimilarResult };
}
