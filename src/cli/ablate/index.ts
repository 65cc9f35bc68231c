import { type Command, InvalidArgumentError, Option } from "commander";
import {
  ABLATION_COMBINES,
  ABLATION_LOSSES,
  ABLATION_TRICKS,
  DEVICE_CHOICES,
  TRAINING_DEFAULTS,
  TRAINING_MODES,
} from "../../shared/index.ts";
import { ablateCommand } from "./ablateCommand.ts";

/** Adds `lookalike ablate`. */
export function registerAblateCommand(program: Command): void {
  program
    .command("ablate")
    .description("train and compare descriptors, losses and their tricks on held-out classes, as the paper's tables do")
    .argument("<folder>", "folder of images; each of its folders is a class")
    .option(
      "--out <dir>",
      "where cells and tables go; the same folder goes on (default: <name of the folder>-ablation)",
    )
    .option("--configs <list>", "descriptors in order", listOf(), ["S", "M", "G", "SM", "SG", "MG", "SMG"])
    .option("--losses <list>", ABLATION_LOSSES.join(","), listOf(ABLATION_LOSSES), [...ABLATION_LOSSES])
    .option("--tricks <list>", `of the classification loss: ${ABLATION_TRICKS.join(",")}`, listOf(ABLATION_TRICKS), [
      "both",
    ])
    .option("--combine <list>", ABLATION_COMBINES.join(","), listOf(ABLATION_COMBINES), ["concat"])
    .option("--seeds <number>", "trainings of each cell, each with other held-out classes", parseCount, 3)
    .option("--full", "every combination, instead of one factor at a time")
    .option("--plan", "print the cells and how long they will take, and train nothing")
    .option("--labels <file>", "labels from a CSV or Parquet file with the columns path, label and perhaps split")
    .option("--column <name>", "the file's column of labels, where it is another one than label")
    .option("--model <model>", "installed model or model file to start from (default: the built-in one)")
    .addOption(new Option("--mode <mode>", "of the trainings").choices(TRAINING_MODES).default(TRAINING_DEFAULTS.mode))
    .option("--epochs <number>", "of each training (default: as lookalike train)", parseCount)
    .option("--dim <number>", "values per branch (default: by the number of images)", parseCount)
    .option("--keep-models", "keep the model of each cell")
    .addOption(new Option("--device <device>", "where the models run").choices(DEVICE_CHOICES).default("auto"))
    .option("--json", "print the report as JSON")
    .action(ablateCommand);
}

/** @param known what may be in the list; anything where absent */
function listOf<T extends string>(known?: readonly T[]): (text: string) => T[] {
  return (text) => {
    const parts = [...new Set(text.split(",").map((part) => part.trim()))].filter((part) => part !== "");
    const odd = known === undefined ? undefined : parts.find((part) => !known.includes(part as T));
    if (odd !== undefined) throw new InvalidArgumentError(`${odd} is none of ${known!.join(", ")}.`);
    if (parts.length === 0) throw new InvalidArgumentError("The list is empty.");
    return parts as T[];
  };
}

function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Not a whole number above 0.");
  return value;
}
