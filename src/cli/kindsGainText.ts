import type { KindsGain } from "../shared/index.ts";

/** What keeping kinds together does in a folder. @param gain null where its labels are too few to tell */
export function kindsGainText(gain: KindsGain | null): string {
  if (gain === null)
    return "What putting kinds together does to MAP@R here cannot be told: fewer than 8 images with a label that others have, or an index so large that it would take minutes.";
  const { before, mean, error, queries } = gain;
  const points = `${mean < 0 ? "" : "+"}${(100 * mean).toFixed(1)} +- ${(100 * error).toFixed(1)} points`;
  return `Putting kinds together changes MAP@R here by ${points}, from ${(100 * before).toFixed(1)} % (over ${queries} images with a label, under the weights of the index).`;
}
