import { equalMixAmong } from "./descriptors.ts";
import { DATASET_TITLES, type EvaluationReport } from "./evaluation.ts";
import type { ModelScore } from "./modelScore.ts";

/**
 * The scores that a report has of a model, also in the form that is adapted to the folder. They are of the equal mix: weights belong
 * to a folder, and its own classes may have chosen them. What a model finds among images that it was trained on is no score of it.
 */
export function scoresOf(report: EvaluationReport, fingerprint: string, measured: Date): ModelScore[] {
  const { dataset, folder, protocol, cropped, queries } = report;
  const on = dataset === null ? (folder.split(/[\\/]/).at(-1) ?? folder) : DATASET_TITLES[dataset];
  return report.models.flatMap(({ state, descriptors, base, trainedOn, fingerprint: own }) => {
    const combined = descriptors[equalMixAmong(Object.keys(descriptors))];
    if (combined === undefined || trainedOn !== null || (own !== fingerprint && base !== fingerprint)) return [];
    return [{ on, protocol, state, cropped, queries, metrics: combined.metrics, measured: measured.toISOString() }];
  });
}
