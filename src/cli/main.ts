/** The command line: the same core and the same index as the extension. Bundled to dist/cli/main.mjs. */
import { Command, InvalidArgumentError, Option } from "commander";
import { DEVICE_CHOICES, FORM_CHOICES, WEIGHT_CHOICES } from "../shared/index.ts";
import { registerAblateCommand } from "./ablate/index.ts";
import { doctorCommand } from "./doctorCommand.ts";
import { duplicatesCommand, takeBackCommand } from "./duplicatesCommand.ts";
import { registerEvaluateCommand } from "./evaluate/index.ts";
import { explainCommand } from "./explainCommand.ts";
import { exportCommand } from "./exportCommand.ts";
import { indexCommand } from "./indexCommand.ts";
import { labelsCommand } from "./labelsCommand.ts";
import { registerModelCommands } from "./model/index.ts";
import { projectCommand } from "./projectCommand.ts";
import { parseBox, weightsOption, withQueryOptions } from "./queryOptions.ts";
import { similarCommand } from "./similarCommand.ts";
import { registerTrainCommand } from "./train/index.ts";
import { printVisibly } from "./visibleOutput.ts";

const program = new Command("lookalike")
  .description("Find images that look alike. Nothing leaves this machine, but for a database that you name.")
  .showHelpAfterError("(see lookalike --help)");

/** A command on an index: where it lies, and with which model. */
function onIndex(command: Command): Command {
  return command
    .option(
      "--index <place>",
      "folder that holds the indexes, or postgres://user@host/database?folder=name (default: the user's data folder)",
    )
    .option("--model <model>", "installed model or model file (default: the one that is chosen for the folder)")
    .option("--no-adapt", "use the model as it is, not adapted to the folder")
    .addOption(
      new Option(
        "--form <form>",
        "form of the model, where it has an int8 one; auto: the one that the folder is indexed in, else int8 on the CPU",
      ).choices(FORM_CHOICES),
    )
    .addOption(new Option("--device <device>", "where the model runs").choices(DEVICE_CHOICES).default("auto"))
    .option(
      "--memory <MB>",
      "memory for embeddings; a larger index is searched on disk (default: a quarter)",
      parseCount,
    )
    .option("--decode-seconds <seconds>", "what decoding one image may take (default: 10)", parseCount)
    .option("--json", "print the result as JSON");
}

onIndex(program.command("index"))
  .description("embed the images of a folder, or bring its index up to date")
  .argument("<folder>", "folder of images")
  .option("--rebuild", "adapt the model and embed everything again")
  .option("--refit", "adapt the model anew to up to 1,600 images instead of 800, and embed everything with it")
  .option(
    "--second",
    "where the model is adapted, let a second network join it if the images say that it helps; so does --weights gate",
  )
  .option("--no-second", "none, and where one had joined, the next adaptation does without it")
  .option(
    "--handcrafted",
    "likewise a histogram of colours (lab) and oriented gradients (hog), each where the images say that it helps; so does --weights gate",
  )
  .option("--no-handcrafted", "neither, and where one had joined, the next adaptation does without it")
  .option("--accept-removed", "forget images that are gone even where nearly all are, as where a disk is away")
  .option("--shard <i/n>", "only one of n parts of the files, from 0/n on; parts may run side by side", parseShard)
  .option(
    "--finish",
    "after all parts are there: choose the weights of the branches, and build what makes a search of a large index fast",
  )
  .option(
    "--copy-from <place>",
    "take over the folder's index from another folder of indexes or database, and prove that it is the same",
  )
  .option("--share-thumbnails", "also store thumbnails in the database, for machines that do not have the files")
  .option("--include <globs...>", "only these files; a glob without / holds at any depth")
  .option("--exclude <globs...>", "not these files and folders")
  .option("--gitignore", "leave out what .gitignore files name")
  .option("--shadows", "also what a network disk or a Mac keeps beside the files: @eaDir, #recycle, ._*")
  .option("--whole-only", "leave out images of which only a part can be read")
  .addOption(
    new Option(
      "--weights <choice>",
      "choose the weights of the branches anew, for the index to hold: auto, names (of folders, or --labels), gate (without labels) or equal",
    ).choices(WEIGHT_CHOICES),
  )
  .option("--labels <file>", "labels that choose the weights, from a CSV or Parquet file instead of folders")
  .option("--column <name>", "the file's column of labels, where it is another one than label")
  .action(indexCommand);

withQueryOptions(onIndex(program.command("similar")), parseNumber)
  .description("list the images of an indexed folder that are most alike to images, to words (--text), or to both")
  .argument("[image...]", "query images, which may lie outside the folder; several are added up")
  .requiredOption(
    "--in <folder>",
    "the indexed folder; may be given again, for one answer from several",
    (folder, folders: string[] = []) => [...folders, folder],
  )
  .option("-k <number>", "length of each list", parseCount, 20)
  .action(similarCommand);

onIndex(program.command("explain"))
  .description("say which regions of two images make their score, per descriptor")
  .argument("<query>", "an image; it may lie outside the folder")
  .argument("<result>", "another image")
  .requiredOption("--in <folder>", "the folder whose model explains")
  .option("--box <x,y,w,h>", "only this part of the query, in fractions of its width and height", parseBox)
  .option("--out <file.png>", "draw both images with the maps of each descriptor over them")
  .action(explainCommand);

onIndex(program.command("duplicates"))
  .description("list groups of images that are the same picture: copies, also resized or recompressed ones")
  .argument("<folder>", "the indexed folder")
  .option(
    "--threshold <score>",
    "lowest combined score of two copies, above 0 and at most 1 (default: 0.5)",
    parseNumber,
  )
  .option(
    "--put-away",
    "move all but the first of each group into a folder beside this one, with a list of where each was",
  )
  .action(duplicatesCommand);

program
  .command("take-back")
  .description("move back all files of a folder that duplicates --put-away, or Find Duplicates, has put away")
  .argument("<folder>", "the indexed folder")
  .action(takeBackCommand);

onIndex(program.command("labels"))
  .description("list images whose neighbours mostly have another label; a folder is a label")
  .argument("<folder>", "the indexed folder")
  .option("--labels <file>", "labels from a CSV or Parquet file with the columns path and label, instead of folders")
  .option("--column <name>", "the file's column of labels, where it is another one than label")
  .option("-k <number>", "neighbours that are asked (default: 10)", parseCount)
  .action(labelsCommand);

onIndex(program.command("project"))
  .description("lay the images of an indexed folder out as maps, one per descriptor")
  .argument("<folder>", "the indexed folder")
  .option("--descriptor <name>", "the map to make: a descriptor of the model, combined, or all", "all")
  .option("--neighbours <number>", "size of the neighbourhood that a map tries to keep, 2 to 200", parseNumber, 15)
  .option("--min-dist <number>", "how close alike images may lie, 0 to 0.99", parseNumber, 0.1)
  .option("--seed <number>", "the same seed gives the same maps", parseNumber, 1)
  .option("--sample <number>", "so many images only, drawn by a hash of their paths", parseCount)
  .option("--under <folder>", "only images under this folder of the indexed one", "")
  .option(
    "--compare <model>",
    "lay out the combined maps of the folder's model and of this one on each other, instead of descriptors; the folder is indexed with both",
  )
  .option("--out <file>", "write the coordinates; the ending chooses the format: .csv, .json or .parquet")
  .option("--guard-formulas", "in CSV, mark paths that a spreadsheet would take for formulas as text")
  .action(projectCommand);

onIndex(program.command("export"))
  .description("write the vectors of an indexed folder to a file for other tools")
  .argument("<folder>", "the indexed folder")
  .requiredOption("--out <file>", "file to write; its ending chooses the format: .npz, .arrow or .csv")
  .option("--guard-formulas", "in CSV, mark paths that a spreadsheet would take for formulas as text")
  .addOption(weightsOption())
  .action(exportCommand);

onIndex(program.command("doctor"))
  .description("check what Lookalike needs, and say which device it uses and why; exit code 1 where something fails")
  .option("--in <folder>", "look at the index of this folder as well")
  .option("--fresh", "try the devices again, also those that failed before")
  .action(doctorCommand);

registerModelCommands(program);
registerEvaluateCommand(program);
registerAblateCommand(program);
registerTrainCommand(program);

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Not a number.");
  return value;
}

function parseShard(text: string): { index: number; of: number } {
  const [, index = Number.NaN, of = Number.NaN] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!(index < of && of <= 10_000))
    throw new InvalidArgumentError("Give the part and the number of parts: 0/4 to 3/4.");
  return { index, of };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("Not a whole number above 0.");
  return count;
}

printVisibly();
try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
