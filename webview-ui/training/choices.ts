import { ATTENTION_KINDS, type TrainingMode, type TrainingOptions } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

type Key = keyof Omit<TrainingOptions, "folder" | "labels" | "mode" | "model" | "device">;

interface Base {
  readonly key: Key;
  readonly label: string;
  /** One line: what it is. */
  readonly meaning: string;
  readonly modes: readonly TrainingMode[];
  /** Shown at once; the others are behind "More choices". */
  readonly often?: boolean;
}

export type Choice =
  | (Base & {
      readonly kind: "list";
      readonly values: readonly { readonly value: string | null; readonly label: string }[];
    })
  | (Base & {
      readonly kind: "number";
      readonly min: number;
      readonly max: number;
      readonly step: number | "any";
      /** What stands in the empty field where null is allowed. */
      readonly empty?: string;
    })
  | (Base & { readonly kind: "text"; readonly empty: string })
  | (Base & { readonly kind: "switch" });

const ALL = ["whiten", "head", "full"] as const;
const TRAINED = ["head", "full"] as const;
const FULL = ["full"] as const;

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
        "The first stage of the backbone that is trained, such as block_13 or layer4; those before it stay as they are.",
      ),
      modes: FULL,
      often: true,
      empty: t("all of it"),
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
      modes: ALL,
      min: 2,
      max: 4096,
      step: 1,
      empty: chosen,
    },
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
      meaning: t("Divides the classifier's scores; below 1 makes it surer."),
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
