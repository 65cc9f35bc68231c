import { basename } from "node:path";
import type { TrainingProvenance } from "../../../shared/index.ts";
import type { RunContext, Trained } from "./context.ts";

/** What a trained model's manifest says of its training. */
export function provenanceOf(run: RunContext, { evaluation, epochs }: Trained): TrainingProvenance {
  const { options, set, embedder, baseline } = run;
  const { ranking, classification, rankingWeight, classificationWeight } = options;
  const { trainClasses, testClasses, testImages } = set.data;
  const losses =
    options.mode === "whiten"
      ? []
      : [
          ...(rankingWeight > 0 ? [ranking] : []),
          ...(classification !== "none" && classificationWeight > 0 ? [classification] : []),
        ];
  return {
    method: options.mode === "head" ? "head trained on a frozen backbone" : "trained end to end",
    images: set.train.length,
    base: embedder.summary.fingerprint,
    data: { folder: basename(options.folder), classes: trainClasses },
    split: { by: options.split, testClasses, testImages, seed: options.seed },
    losses,
    epochs,
    scores: {
      metric: "recall@1",
      baseline: flat(baseline.recalls),
      trained: flat(evaluation.recalls),
    },
  };
}

function flat(recalls: Readonly<Record<string, { readonly "recall@1": number }>>): Record<string, number> {
  return Object.fromEntries(Object.entries(recalls).map(([name, scores]) => [name, scores["recall@1"]]));
}
