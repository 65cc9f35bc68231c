import type * as Core from "../core/index.ts";
import { type BranchWeights, isEqualMix, type SuggestedWeights, type WeightGain } from "../shared/index.ts";
import { type LabelOptions, labelsFrom } from "./labelOptions.ts";
import { isChoice, type Weighing } from "./queryOptions.ts";

const REASONS: Readonly<Record<NonNullable<SuggestedWeights["reason"]>, string>> = {
  asked: "it was asked for",
  single: "the model has one branch",
  unlabelled: "without labels nothing says which branch finds more",
  fewMarks: "fewer than 20 marks, or than 4 queries with marks of both kinds",
  few: "fewer than 8 classes of 4 images",
  noGain: "no gain beyond its standard error",
};

const SOURCES: Readonly<Record<SuggestedWeights["from"], string>> = {
  names: "chosen by the names of folders",
  table: "chosen by a table of labels",
  marks: "chosen by marks",
  gate: "chosen without labels: by whether clusters are seen more clearly with each",
  equal: "all the same",
};

/** A line that says which weights count, and why. */
export function describeWeights({ weights, from, reason, gain }: SuggestedWeights): string {
  const list = Object.entries(weights).map(([name, weight]) => `${name} ${weight}`);
  const why = reason === undefined ? SOURCES[from] : `${SOURCES[from]}: ${REASONS[reason]}`;
  const measured =
    gain === undefined
      ? ""
      : `; ${isOfMarks(from, gain) ? "average precision of the marked" : "MAP@R"} ${signed(gain.mean)} +- ${(100 * gain.error).toFixed(1)} points on ${gain.measuredOn} ${isOfMarks(from, gain) ? "queries, each left out of the choice" : `classes, chosen on ${gain.chosenOn} others`}`;
  return `weights ${list.join(", ")} (${why}${measured})`;
}

/** Those that gained nothing are equal, wherever they come from. */
function isOfMarks(from: SuggestedWeights["from"], { over }: WeightGain): boolean {
  return from === "marks" || over === "marks";
}

function signed(share: number): string {
  return `${share < 0 ? "" : "+"}${(100 * share).toFixed(1)}`;
}

/**
 * The weights of a command, by name; undefined leaves them to the index.
 * @param say told in words what counts, where that is not the plain equal mix of an index that holds nothing
 */
export async function weightsFrom(
  weighing: Weighing | undefined,
  labels: LabelOptions,
  index: Core.FolderIndex,
  core: typeof Core,
  say: (line: string) => void,
): Promise<BranchWeights | undefined> {
  if (weighing !== undefined && !isChoice(weighing)) return weighing;
  if (weighing === undefined || weighing === "auto") {
    const held = await index.weights();
    if (held !== null && !isEqualMix(Object.keys(held.weights), held.weights)) say(describeWeights(held));
    return undefined;
  }
  const from = weighing === "names" && labels.labels !== undefined ? await labelsFrom(labels, index, core) : undefined;
  const chosen = await index.suggestWeights({ choice: weighing, labels: from }, false);
  if (weighing !== "equal") say(describeWeights(chosen));
  return chosen.weights;
}
