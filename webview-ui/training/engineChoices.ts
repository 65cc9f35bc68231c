import { TRAINING_PRECISIONS } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { type Choice, TRAINED } from "./choice.ts";

/** Who takes the steps. */
export function engineChoices(): readonly Choice[] {
  return [
    {
      key: "engine",
      kind: "list",
      label: t("Engine"),
      meaning: t("Who takes the steps: what comes with Lookalike, or torch in a Python of yours, on one GPU or many."),
      modes: TRAINED,
      values: [
        { value: "builtIn", label: t("built in") },
        { value: "torch", label: "torch" },
      ],
    },
    {
      key: "ranks",
      kind: "number",
      label: t("torch: ranks"),
      meaning: t("Processes that share each batch; its images must divide evenly by them."),
      modes: TRAINED,
      min: 1,
      max: 4096,
      step: 1,
      empty: t("one per GPU"),
    },
    {
      key: "precision",
      kind: "list",
      label: t("torch: precision"),
      meaning: t("Of the backbone while it is trained; half precision is for GPUs."),
      modes: TRAINED,
      values: TRAINING_PRECISIONS.map((value) => ({ value, label: value })),
    },
  ];
}
