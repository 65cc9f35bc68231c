import { t } from "../strings.ts";
import { type Choice, TRAINED } from "./choice.ts";

/** What the step makes small. */
export function lossChoices(): readonly Choice[] {
  const chosen = t("chosen");
  return [
    {
      key: "ranking",
      kind: "list",
      label: t("Ranking loss"),
      meaning: t("On combined: pulls images of a class together. The paper uses batch-hard triplets."),
      modes: TRAINED,
      values: [
        { value: "triplet", label: t("batch-hard triplet") },
        { value: "multiSimilarity", label: t("multi-similarity") },
        { value: "contrastive", label: t("contrastive") },
        { value: "proxyAnchor", label: t("Proxy-Anchor") },
      ],
    },
    {
      key: "margin",
      kind: "number",
      label: t("Margin"),
      meaning: t("How much farther another class has to be; 0.1 is usual, for contrastive 0.5."),
      modes: TRAINED,
      min: 0.001,
      max: 10,
      step: "any",
      empty: chosen,
    },
    {
      key: "classification",
      kind: "list",
      label: t("Classification loss"),
      meaning: t("On the first descriptor: makes training faster and steadier."),
      modes: TRAINED,
      values: [
        { value: "softmax", label: t("softmax cross-entropy") },
        { value: "focal", label: t("focal") },
        { value: "arcFace", label: t("ArcFace: cosines with a margin") },
        { value: "none", label: t("none") },
      ],
    },
    {
      key: "labelSmoothing",
      kind: "number",
      label: t("Label smoothing"),
      meaning: t("Share of the target that goes to the other classes."),
      modes: TRAINED,
      min: 0,
      max: 0.99,
      step: "any",
    },
    {
      key: "temperature",
      kind: "number",
      label: t("Temperature"),
      meaning: t("Divides the classifier's scores; below 1 makes it surer. ArcFace has its own."),
      modes: TRAINED,
      min: 0.01,
      max: 100,
      step: "any",
    },
    {
      key: "rankingWeight",
      kind: "number",
      label: t("Weight of the ranking loss"),
      meaning: t("In the sum of the two losses."),
      modes: TRAINED,
      min: 0,
      max: 100,
      step: "any",
    },
    {
      key: "classificationWeight",
      kind: "number",
      label: t("Weight of the classification loss"),
      meaning: t("In the sum of the two losses; the paper weighs both the same."),
      modes: TRAINED,
      min: 0,
      max: 100,
      step: "any",
    },
  ];
}
