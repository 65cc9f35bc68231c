import { type ChosenForTraining, type TrainingOptions, USUAL_MARGINS } from "../../../shared/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { FULL_DEFAULTS } from "./estimate.ts";
import { resizeFor } from "./headData.ts";
import { dimOfHead } from "./headStart.ts";
import { HEAD_DEFAULTS } from "./headTimes.ts";
import { validationPart } from "./validation.ts";

/** What a training takes where its options leave the choice to it. */
export function chosenFor(
  { mode, seed, ranking, inputSize }: TrainingOptions,
  train: readonly LabelledImage[],
  { manifest: { input, descriptors } }: Pick<Embedder, "manifest">,
): ChosenForTraining {
  const part = validationPart(train, seed);
  const fitted = train.filter(({ label }) => !part.has(label)).length;
  const most = Math.max(...descriptors.map(({ dim }) => dim));
  return {
    ...(mode === "full" ? FULL_DEFAULTS : HEAD_DEFAULTS),
    dim: Math.min(dimOfHead(null, fitted), most),
    margin: USUAL_MARGINS[ranking],
    resize: resizeFor({ resize: null }, inputSize ?? Math.max(input.width, input.height)),
  };
}
