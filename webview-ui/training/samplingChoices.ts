import { ATTENTION_KINDS } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { ALL, type Choice, FULL, TRAINED } from "./choice.ts";

/** How features are pooled, and which images a step sees. */
export function samplingChoices(): readonly Choice[] {
  const chosen = t("chosen");
  return [
    {
      key: "p",
      kind: "number",
      label: t("GeM p"),
      meaning: t("Exponent of GeM: 1 is the mean, a large one the maximum."),
      modes: FULL,
      min: 1,
      max: 20,
      step: "any",
    },
    {
      key: "learnP",
      kind: "switch",
      label: t("Learn GeM p"),
      meaning: t("Otherwise it stays fixed, as in the paper."),
      modes: FULL,
    },
    {
      key: "attention",
      kind: "list",
      label: t("Attention"),
      meaning: t("A module before the pooling of each branch."),
      modes: FULL,
      values: [{ value: null, label: t("none") }, ...ATTENTION_KINDS.map((kind) => ({ value: kind, label: kind }))],
    },
    {
      key: "resize",
      kind: "number",
      label: t("Resize before the crop"),
      meaning: t("Pixels; a random crop of the input size is taken of it, 252 for 224 in the paper."),
      modes: TRAINED,
      min: 32,
      max: 2048,
      step: 1,
      empty: chosen,
    },
    {
      key: "flip",
      kind: "switch",
      label: t("Flip"),
      meaning: t("Mirrors images at random. Not for letters or signs with a direction."),
      modes: TRAINED,
    },
    {
      key: "classesPerBatch",
      kind: "number",
      label: t("Classes per batch"),
      meaning: t("P of P × K sampling."),
      modes: TRAINED,
      min: 2,
      max: 1024,
      step: 1,
    },
    {
      key: "imagesPerClass",
      kind: "number",
      label: t("Images per class"),
      meaning: t("K of P × K sampling: of each class in a batch."),
      modes: TRAINED,
      min: 2,
      max: 128,
      step: 1,
    },
    {
      key: "seed",
      kind: "number",
      label: t("Seed"),
      meaning: t("The same seed gives the same training."),
      modes: ALL,
      min: 0,
      max: 2 ** 31 - 1,
      step: 1,
    },
  ];
}
