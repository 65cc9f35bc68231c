import { type Command, InvalidArgumentError, Option } from "commander";
import { type Box, type BranchWeights, type QueryText, WEIGHT_CHOICES, type WeightChoice } from "../shared/index.ts";
import type { LabelOptions } from "./labelOptions.ts";

/** Options that say what is searched for, beside the images. */
export interface QueryOptions extends LabelOptions {
  readonly not?: readonly string[];
  readonly text?: readonly QueryText[];
  readonly prompt?: readonly string[];
  readonly imageWeights?: readonly number[];
  readonly box?: Box;
  readonly weights?: Weighing;
  readonly under?: string;
  readonly keepKinds?: boolean;
  readonly minScore?: number | "auto";
  /** Only images with one of these labels; "" is without one. */
  readonly label?: readonly string[];
}

export function withQueryOptions(command: Command, parseNumber: (text: string) => number): Command {
  return command
    .option("--not <image>", "search away from this image; may be given again", (image, images: string[] = []) => [
      ...images,
      image,
    ])
    .option(
      "--text <words>",
      'words to search by, of a model with a text tower; may be given again; "-night" searches away, "0.5*night" counts half',
      (text, texts: QueryText[] = []) => [...texts, parseText(text)],
    )
    .option(
      "--prompt <sentence>",
      'sentence around the words, "a drawing of {}", instead of the four that are averaged; may be given again',
      (prompt, prompts: string[] = []) => [...prompts, prompt],
    )
    .option(
      "--image-weights <list>",
      "how much each image counts, such as 1,0.5: first the images, then those of --not (default: 1)",
      parseImageWeights,
    )
    .option("--box <x,y,w,h>", "only this part of the first image, in fractions of its width and height", parseBox)
    .addOption(weightsOption())
    .option("--keep-kinds", "put images of one kind together in combined, behind the first four")
    .option("--under <folder>", "only images under this folder of the indexed one")
    .option(
      "--min-score <score>",
      "end each list where its scores fall below; auto: below what random pairs of the folder have",
      (text) => (text === "auto" ? text : parseNumber(text)),
    )
    .option(
      "--label <label>",
      'only images with this label, "" for those without one; may be given again; a folder is a label',
      (label, labels: string[] = []) => [...labels, label],
    )
    .option("--labels <file>", "labels from a CSV or Parquet file instead of folders")
    .option("--column <name>", "the file's column of labels, where it is another one than label");
}

/** @param text such as `0.1,0.2,0.5,0.5`; whether the box is inside the image is checked with the query */
export function parseBox(text: string): Box {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [x, y, width, height] = values;
  if (values.length !== 4 || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError("Give four numbers, such as 0.25,0.25,0.5,0.5.");
  }
  return { x: x!, y: y!, width: width!, height: height! };
}

/** @param text such as `red car`, `-night` or `-0.5*night` */
export function parseText(text: string): QueryText {
  const [, sign, weight, words = ""] = /^\s*([+-])?\s*(?:(\d+\.?\d*|\.\d+)\s*\*)?(.*)$/s.exec(text) ?? [];
  return {
    text: words.trim(),
    sign: sign === "-" ? -1 : 1,
    ...(weight === undefined ? {} : { weight: Number(weight) }),
  };
}

function parseImageWeights(text: string): number[] {
  const weights = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (weights.every((weight) => weight > 0 && Number.isFinite(weight))) return weights;
  throw new InvalidArgumentError("Give numbers above 0, such as 1,0.5.");
}

/** `--weights` of a command that uses an index. */
export function weightsOption(): Option {
  return new Option(
    "--weights <weights>",
    "of the branches in combined: auto (those that the index holds), names (chosen by labels now), gate (without labels), equal, or a list such as spoc=1,mac=0; others count 1",
  ).argParser(parseWeighing);
}

/** Weights by name, or where they are to come from. */
export type Weighing = WeightChoice | BranchWeights;

export function isChoice(weighing: Weighing): weighing is WeightChoice {
  return typeof weighing === "string";
}

/** @param text `auto`, `names`, `gate`, `equal`, or a list of weights */
export function parseWeighing(text: string): Weighing {
  return WEIGHT_CHOICES.find((choice) => choice === text.trim()) ?? parseWeights(text);
}

/** @param text such as `spoc=1,mac=0`; the names are checked with the query */
export function parseWeights(text: string): BranchWeights {
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [, name, value] = /^\s*([a-z][a-z0-9_]*)\s*=\s*([\d.eE+-]+)\s*$/.exec(part) ?? [];
      const weight = Number(value);
      if (name === undefined || !(weight >= 0 && Number.isFinite(weight))) {
        throw new InvalidArgumentError(
          "Give auto, names, gate, equal, or names and numbers of at least 0, such as spoc=1,mac=0.",
        );
      }
      return [name, weight];
    }),
  );
}
