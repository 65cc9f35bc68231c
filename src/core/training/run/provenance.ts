import { basename } from "node:path";
import type { Recalls, TrainingProvenance } from "../../../shared/index.ts";
import type { RunContext, Trained } from "./context.ts";
import { seenIn } from "./seenBefore.ts";

/** What a trained model's manifest says of its training. */
export async function provenanceOf(run: RunContext, { evaluation, epochs }: Trained): Promise<TrainingProvenance> {
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
  const seen = await seenIn(run);
  return {
    method: options.mode === "head" ? "head trained on a frozen backbone" : "trained end to end",
    images: set.train.length,
    base: embedder.summary.fingerprint,
    data: { folder: basename(options.folder), classes: trainClasses },
    split: { by: options.split, testClasses, testImages, seed: options.seed },
    losses,
    epochs,
    ...(seen === undefined ? {} : { seen }),
    ...scoresOf(baseline.recalls, evaluation.recalls),
  };
}

/** None where the test gave no figure. */
function scoresOf(baseline: Recalls, trained: Recalls): Pick<TrainingProvenance, "scores"> {
  const [before, now] = [flat(baseline), flat(trained)];
  return before === undefined || now === undefined
    ? {}
    : { scores: { metric: "recall@1", baseline: before, trained: now } };
}

function flat(recalls: Recalls): Record<string, number> | undefined {
  const scores: Record<string, number> = {};
  for (const [name, { "recall@1": recall }] of Object.entries(recalls)) {
    if (recall === null) return undefined;
    scores[name] = recall;
  }
  return scores;
}
