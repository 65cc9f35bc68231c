import type { SuggestedWeights } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

/** Why the weights of an index are what they are: in a word or two, and in full. */
export function reasonOf({ from, reason, gain }: SuggestedWeights): { readonly short: string; readonly text: string } {
  const measured =
    gain === undefined
      ? ""
      : from === "marks" || gain.over === "marks"
        ? t(
            "average precision {0} ± {1} points over {2} queries, each left out of the choice",
            points(gain.mean),
            (100 * gain.error).toFixed(1),
            gain.measuredOn,
          )
        : t(
            "MAP@R {0} ± {1} points on {2} classes, chosen on {3} others",
            points(gain.mean),
            (100 * gain.error).toFixed(1),
            gain.measuredOn,
            gain.chosenOn,
          );
  const short = reason === undefined ? sourceText(from) : t("Equal");
  return {
    short,
    text: [reason === undefined ? sourceText(from) : reasonText(reason), measured].filter(Boolean).join(": "),
  };
}

function points(share: number): string {
  return `${share < 0 ? "" : "+"}${(100 * share).toFixed(1)}`;
}

function sourceText(from: SuggestedWeights["from"]): string {
  switch (from) {
    case "names":
      return t("Suggested by the names of folders");
    case "table":
      return t("Suggested by a table of labels");
    case "marks":
      return t("Suggested by marks");
    case "gate":
      return t("Suggested without labels, by whether clusters are seen more clearly with each");
    case "equal":
      return t("Equal");
  }
}

function reasonText(reason: NonNullable<SuggestedWeights["reason"]>): string {
  switch (reason) {
    case "asked":
      return t("All descriptors count the same, as was asked for");
    case "single":
      return t("There is one descriptor");
    case "unlabelled":
      return t("All descriptors count the same: without labels nothing says which of them finds more");
    case "few":
      return t("All descriptors count the same: there are fewer than 8 classes of 4 images");
    case "fewMarks":
      return t("There are fewer than 20 marks, or fewer than 4 queries with marks of both kinds: mark some more");
    case "noGain":
      return t("All descriptors count the same: other weights gained nothing beyond their standard error");
  }
}
