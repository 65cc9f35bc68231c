import type { EvaluationProtocol, Metrics, ModelState } from "./evaluation.ts";
import { printable } from "./printable.ts";

/** What was measured of a model once; kept beside its file. */
export interface ModelScore {
  /** Name of the data set, or of the folder. */
  readonly on: string;
  readonly protocol: EvaluationProtocol;
  readonly state: ModelState;
  readonly cropped: boolean;
  readonly queries: number;
  /** Of combined. */
  readonly metrics: Metrics;
  /** ISO 8601. */
  readonly measured: string;
}

/** `R@1 79.2 on CUB-200-2011, by-class, cropped, own run`. */
export function scoreText({ on, protocol, cropped, metrics }: ModelScore): string {
  const recall = metrics["recall@1"];
  const figure =
    recall === undefined ? `MAP@R ${(100 * (metrics["map@r"] ?? 0)).toFixed(1)}` : `R@1 ${(100 * recall).toFixed(1)}`;
  return [`${figure} on ${printable(on)}`, protocol, ...(cropped ? ["cropped"] : []), "own run"].join(", ");
}
