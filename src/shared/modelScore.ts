import type { EvaluationProtocol, Metrics, ModelState } from "./evaluation.ts";
import { ENOUGH_QUERIES } from "./littleData.ts";
import { printable } from "./printable.ts";
import { intervalText } from "./wilson.ts";
import { count } from "./words.ts";

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

/** `R@1 79.2 (78 to 80) on CUB-200-2011, by-class, cropped, own run, 5,924 queries`, with an interval of 95 %. */
export function scoreText({ on, protocol, cropped, queries, metrics }: ModelScore): string {
  const recall = metrics["recall@1"];
  const figure =
    recall === undefined
      ? `MAP@R ${(100 * (metrics["map@r"] ?? 0)).toFixed(1)}`
      : `R@1 ${(100 * recall).toFixed(1)} (${intervalText(recall, queries)})`;
  const few = queries < ENOUGH_QUERIES ? ": too few to tell" : "";
  return [
    `${figure} on ${printable(on)}`,
    protocol,
    ...(cropped ? ["cropped"] : []),
    "own run",
    `${count(queries, "query")}${few}`,
  ].join(", ");
}
