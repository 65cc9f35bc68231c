import { type Command, InvalidArgumentError, Option } from "commander";
import {
  ATTENTION_KINDS,
  BATCH_NORMS,
  CLASSIFICATION_LOSSES,
  DEVICE_CHOICES,
  LAST_DOWNSAMPLINGS,
  RANKING_LOSSES,
  TRAINING_DEFAULTS,
  TRAINING_ENGINES,
  TRAINING_MODES,
  TRAINING_PRECISIONS,
  TRAINING_PRESETS,
  type TrainingPreset,
} from "../../shared/index.ts";
import { parseModelFile } from "../modelFile.ts";
import { type TrainCommandOptions, trainCommand } from "./trainCommand.ts";

/** Adds `lookalike train`. */
export function registerTrainCommand(program: Command): void {
  const defaults = TRAINING_DEFAULTS;
  const choice = (flags: string, text: string, values: readonly string[]) => new Option(flags, text).choices(values);
  program
    .command("train")
    .description("train a model on the images of a folder; each of its folders is a class")
    .argument("<folder>", "folder of images")
    .requiredOption("--out <m.onnx>", "where the model goes; its name is the model's", parseModelFile)
    .addOption(
      choice(
        "--mode <mode>",
        "whiten: no labels; head: on a frozen backbone; full: end to end, for 1,000 images or more",
        TRAINING_MODES,
      ).default(defaults.mode),
    )
    .option(
      "--labels <file>",
      "labels from a CSV or Parquet file with the columns path, label and perhaps split, instead of folders as classes",
    )
    .option("--column <name>", "the file's column of labels, where it is another one than label")
    .option("--model <model>", "installed model or model file to start from (default: the built-in one)")
    .addOption(choice("--split <split>", "what is held out for the test", ["class", "image"]).default(defaults.split))
    .option("--test-share <share>", "how much of it is held out, 0 to 1", parseShare, defaults.testShare)
    .option("--descriptors <list>", "descriptors in order, such as SMG (default: those of the model)")
    .option("--dim <number>", "values per branch (default: by the number of images)", parseCount)
    .option("--p <number>", "exponent of GeM where the training starts", parsePositive, defaults.p)
    .option("--learn-p", "full: learn the exponent of GeM")
    .addOption(choice("--ranking <loss>", "ranking loss", RANKING_LOSSES).default(defaults.ranking))
    .option("--margin <number>", "of the ranking loss (default: 0.1; contrastive: 0.5)", parsePositive)
    .addOption(
      choice("--classification <loss>", "classification loss", CLASSIFICATION_LOSSES).default(defaults.classification),
    )
    .option("--label-smoothing <number>", "of the classification loss, 0 to 1", parseShare, defaults.labelSmoothing)
    .option("--temperature <number>", "of the classification loss", parsePositive, defaults.temperature)
    .option("--ranking-weight <number>", "of the ranking loss in the sum", parseNumber, defaults.rankingWeight)
    .option("--classification-weight <number>", "likewise", parseNumber, defaults.classificationWeight)
    .addOption(choice("--attention <kind>", "full: attention before the pooling", ATTENTION_KINDS))
    .option("--resize <pixels>", "side before a crop is taken (default: 252 for an input of 224)", parseCount)
    .option("--no-flip", "mirror no image")
    .option("--classes-per-batch <number>", "P of P x K sampling", parseCount, defaults.classesPerBatch)
    .option("--images-per-class <number>", "K of P x K sampling, at least 2", parseCount, defaults.imagesPerClass)
    .option("--epochs <number>", "how often every image is shown", parseCount)
    .option("--steps <number>", "all steps of the training, in place of epochs", parseCount)
    .option("--decay-steps <list>", "steps from which the learning rate is a tenth, a hundredth (400,800)", parseSteps)
    .addOption(
      choice(
        "--preset <recipe>",
        "a published recipe for CUB; other options win over it",
        Object.keys(TRAINING_PRESETS),
      ),
    )
    .option("--learning-rate <number>", "of Adam, at the start", parsePositive)
    .option(
      "--warmup-steps <number>",
      "first steps over which it rises from nearly 0",
      parseWhole,
      defaults.warmupSteps,
    )
    .option(
      "--train-from <stage>",
      "full: first stage of the backbone that is trained, such as layer4, or block_9 of a transformer (default: all of it)",
    )
    .option(
      "--lora-rank <number>",
      "full, transformers: train two small matrices of this rank beside those of queries and values, not the backbone's weights",
      parseCount,
    )
    .option("--input-size <pixels>", "full: side of the input (default: the model's own)", parseCount)
    .addOption(
      choice("--last-downsampling <layout>", "full: of the backbone (default: as in the model)", LAST_DOWNSAMPLINGS),
    )
    .addOption(
      choice(
        "--batch-norm <kind>",
        "full: frozen, or trained with the statistics of each batch, as the authors do",
        BATCH_NORMS,
      ).default(defaults.batchNorm),
    )
    .option("--seed <number>", "the same seed gives the same split, batches and start", parseInteger, defaults.seed)
    .addOption(new Option("--device <device>", "where the model runs").choices(DEVICE_CHOICES).default("auto"))
    .addOption(choice("--engine <engine>", "who takes the steps", TRAINING_ENGINES).default(defaults.engine))
    .option("--python <interpreter>", "torch: of a Python that can import torch (default: the first one found)")
    .option("--ranks <number>", "torch: processes that share each batch (default: one per GPU, or one)", parseCount)
    .addOption(
      choice("--precision <kind>", "torch: of the backbone in training", TRAINING_PRECISIONS).default(
        defaults.precision,
      ),
    )
    .option("--elsewhere <dir>", "torch: take no step, but write a folder that another machine can train")
    .option("--import <dir>", "make the model from such a folder, with the weights that came back")
    .option("--resume <dir>", "go on with an interrupted training, which left this folder, by its own options")
    .option("--json", "print an event per line as JSON, and the result as the last line")
    .action((folder: string, given: TrainCommandOptions & { readonly preset?: TrainingPreset }, command: Command) =>
      trainCommand(folder, withPreset(given, command)),
    );
}

/** What was not given by the user is the preset's. */
function withPreset(
  { preset, ...given }: TrainCommandOptions & { readonly preset?: TrainingPreset },
  command: Command,
): TrainCommandOptions {
  if (preset === undefined) return given;
  const wanted = Object.entries(TRAINING_PRESETS[preset]).filter(
    ([name]) => command.getOptionValueSource(name) !== "cli",
  );
  return { ...given, ...Object.fromEntries(wanted) };
}

function parseSteps(text: string): number[] {
  const steps = text.split(",").map(parseWhole);
  if (steps.some((step, i) => i > 0 && step <= steps[i - 1]!)) throw new InvalidArgumentError("Not in rising order.");
  return steps;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError("Not a number of 0 or more.");
  }
  return value;
}

function parsePositive(text: string): number {
  const value = parseNumber(text);
  if (value === 0) throw new InvalidArgumentError("Not a number above 0.");
  return value;
}

function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value > 1) throw new InvalidArgumentError("Not a number from 0 to 1.");
  return value;
}

function parseInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError("Not a whole number.");
  return value;
}

function parseWhole(text: string): number {
  const value = parseInteger(text);
  if (value < 0) throw new InvalidArgumentError("Not a whole number of 0 or more.");
  return value;
}

function parseCount(text: string): number {
  const value = parseInteger(text);
  if (value < 1) throw new InvalidArgumentError("Not a whole number above 0.");
  return value;
}
