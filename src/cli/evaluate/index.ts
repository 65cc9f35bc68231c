import { type Command, Option } from "commander";
import { DATASETS, DEVICE_CHOICES, EVALUATION_PROTOCOLS, FORM_CHOICES } from "../../shared/index.ts";
import { evaluateCommand } from "./evaluateCommand.ts";

/** Adds `lookalike evaluate`. */
export function registerEvaluateCommand(program: Command): void {
  program
    .command("evaluate")
    .description(
      "measure what each descriptor of a model finds in a folder of labelled images: Recall@K, MAP@R and more",
    )
    .argument("<folder>", "folder of images; each of its folders is a class")
    .option("--labels <file>", "labels from a CSV or Parquet file (path, label and perhaps split), instead of folders")
    .option("--column <name>", "the file's column of labels, where it is another one than label")
    .addOption(
      new Option(
        "--protocol <protocol>",
        "who asks whom: all labelled images each other, those of held-out classes, or queries a gallery (default: all, or that of the data set)",
      ).choices(EVALUATION_PROTOCOLS),
    )
    .addOption(
      new Option(
        "--dataset <name>",
        "the folder is this data set as it is distributed: its own lists and split",
      ).choices(DATASETS),
    )
    .option(
      "--boxes <file>",
      "boxes of objects, a COCO file or a CSV (path, x, y, width, height): large objects are compared with small ones",
    )
    .option("--cropped", "crop images to their boxes")
    .option(
      "--model <models...>",
      "installed models or model files, side by side (default: the one that is chosen for the folder)",
    )
    .option(
      "--searched-only",
      "only the state of a model that the folder is searched with, not also the model as it is",
    )
    .addOption(
      new Option(
        "--weights <weights>",
        "auto: a row for combined under the weights that the index holds as well; equal: only the equal mix",
      ).choices(["auto", "equal"]),
    )
    .option("--no-copies", "do not look for copies among the images")
    .option("--no-adapt", "use the models as they are, not adapted to the folder")
    .addOption(
      new Option("--form <form>", "form of the models: auto, float, or int8 where there is one").choices(FORM_CHOICES),
    )
    .option("--index <place>", "folder that holds the indexes, or postgres://... (default: the user's data folder)")
    .addOption(new Option("--device <device>", "where the models run").choices(DEVICE_CHOICES).default("auto"))
    .option("--html <file>", "write the whole report as a page")
    .option("--json", "print the report as JSON")
    .action(evaluateCommand);
}
