import { t } from "../strings.ts";
import { ALL, type Choice, FULL, TRAINED } from "./choice.ts";
import { engineChoices } from "./engineChoices.ts";
import { lossChoices } from "./lossChoices.ts";
import { samplingChoices } from "./samplingChoices.ts";

/** What can be chosen before a training, in the order in which it is shown. The defaults are the paper's. */
export function choices(): readonly Choice[] {
  const chosen = t("chosen");
  return [
    {
      key: "split",
      kind: "list",
      label: t("Held out"),
      meaning: t(
        "Whole classes that are never trained on measure the result, as in the paper; or some images of each.",
      ),
      modes: ALL,
      often: true,
      values: [
        { value: "class", label: t("whole classes") },
        { value: "image", label: t("images of every class") },
      ],
    },
    {
      key: "testShare",
      kind: "number",
      label: t("Held-out share"),
      meaning: t("Of the classes, or of each class's images; half in the paper. A split in the labels file wins."),
      modes: ALL,
      min: 0.05,
      max: 0.95,
      step: "any",
    },
    {
      key: "descriptors",
      kind: "text",
      label: t("Descriptors"),
      meaning: t("In order: S, M, G, or names joined by +. The first one feeds the auxiliary classifier."),
      modes: TRAINED,
      often: true,
      empty: t("as in the model"),
    },
    {
      key: "epochs",
      kind: "number",
      label: t("Epochs"),
      meaning: t("How often each image is seen."),
      modes: TRAINED,
      often: true,
      min: 1,
      max: 10000,
      step: 1,
      empty: chosen,
    },
    {
      key: "learningRate",
      kind: "number",
      label: t("Learning rate"),
      meaning: t("Of Adam at the start; it falls in steps."),
      modes: TRAINED,
      often: true,
      min: 1e-8,
      max: 10,
      step: "any",
      empty: chosen,
    },
    {
      key: "trainFrom",
      kind: "text",
      label: t("Train from stage"),
      meaning: t(
        "The first stage of the backbone that is trained, such as block_13 or layer4; those before it stay as they are. Of a transformer, block_9 trains its blocks from the tenth on.",
      ),
      modes: FULL,
      often: true,
      empty: t("all of it"),
    },
    {
      key: "loraRank",
      kind: "number",
      label: t("Rank of small matrices (LoRA)"),
      meaning: t(
        "Of transformers: trains two small matrices of this rank beside those of queries and values, in place of the backbone's weights; 8 is usual.",
      ),
      modes: FULL,
      min: 1,
      max: 256,
      step: 1,
      empty: t("the weights themselves"),
    },
    {
      key: "inputSize",
      kind: "number",
      label: t("Input size"),
      meaning: t("Side of the input in pixels. Half the side is a quarter of the time."),
      modes: FULL,
      often: true,
      min: 32,
      max: 1024,
      step: 1,
      empty: t("as in the model"),
    },
    {
      key: "lastDownsampling",
      kind: "list",
      label: t("Last downsampling"),
      meaning: t(
        "Removed, as in the paper, the last maps are twice as wide and high: more detail, and about twice the work.",
      ),
      modes: FULL,
      often: true,
      values: [
        { value: null, label: t("as in the model") },
        { value: "kept", label: t("kept") },
        { value: "removed", label: t("removed") },
      ],
    },
    {
      key: "batchNorm",
      kind: "list",
      label: t("Batch norm"),
      meaning: t(
        "Frozen it is steady with small batches; with the statistics of each batch it is trained as the authors do.",
      ),
      modes: FULL,
      values: [
        { value: "frozen", label: t("frozen") },
        { value: "batch", label: t("of each batch") },
      ],
    },
    {
      key: "warmupSteps",
      kind: "number",
      label: t("Warm-up steps"),
      meaning: t("The learning rate rises from nearly 0 over the first steps; 0 for none, as in the paper."),
      modes: TRAINED,
      min: 0,
      max: 1000000,
      step: 1,
    },
    {
      key: "dim",
      kind: "number",
      label: t("Values per branch"),
      meaning: t("Length of each branch's embedding; the paper has 1536 over all branches."),
      modes: TRAINED,
      min: 2,
      max: 4096,
      step: 1,
      empty: chosen,
    },
    ...lossChoices(),
    ...samplingChoices(),
    ...engineChoices(),
  ];
}
