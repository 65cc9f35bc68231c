import type { ModelManifest, ModelState } from "../../shared/index.ts";
import { ADAPTED_METHOD } from "../adaptation/index.ts";

/** What was done to a model after its origin. */
export function stateOf({ training }: Pick<ModelManifest, "training">): ModelState {
  if (training === null) return "raw";
  return training.method === ADAPTED_METHOD ? "adapted" : "trained";
}
