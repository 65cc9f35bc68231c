/** The command line: the same core and the same index as the extension. Bundled to dist/cli/main.mjs. */
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { indexCommand } from "./indexCommand.ts";
import { projectCommand } from "./projectCommand.ts";
import { similarCommand } from "./similarCommand.ts";
import { loadTools } from "./tools.ts";

const MODEL = fileURLToPath(new URL("../models/mobilenetv2-smg.onnx", import.meta.url));

const program = new Command("lookalike")
  .description("Find images that look alike. Nothing leaves this machine.")
  .showHelpAfterError("(see lookalike --help)");

program
  .command("index")
  .description("embed the images of a folder, or bring its index up to date")
  .argument("<folder>", "folder of images")
  .option("--index <dir>", "folder that holds the indexes (default: the user's data folder)")
  .option("--rebuild", "embed everything again")
  .option("--json", "print the summary as JSON")
  .action(async (folder: string, options) => indexCommand(await loadTools(MODEL), folder, options));

program
  .command("similar")
  .description("list the images of an indexed folder that are most alike to an image")
  .argument("<image>", "query image; it may lie outside the folder")
  .requiredOption("--in <folder>", "the indexed folder")
  .option("--index <dir>", "folder that holds the indexes (default: the user's data folder)")
  .option("-k <number>", "length of each list", parseCount, 20)
  .option("--json", "print lists and scores as JSON")
  .action(async (image: string, options) => similarCommand(await loadTools(MODEL), image, options));

program
  .command("project")
  .description("lay the images of an indexed folder out as maps, one per descriptor")
  .argument("<folder>", "the indexed folder")
  .option("--index <dir>", "folder that holds the indexes (default: the user's data folder)")
  .option("--descriptor <name>", "the map to make: a descriptor of the model, combined, or all", "all")
  .option("--neighbours <number>", "size of the neighbourhood that a map tries to keep, 2 to 200", parseNumber, 15)
  .option("--min-dist <number>", "how close alike images may lie, 0 to 0.99", parseNumber, 0.1)
  .option("--seed <number>", "the same seed gives the same maps", parseNumber, 1)
  .option("--sample <number>", "so many images only, drawn by a hash of their paths", parseCount)
  .option("--under <folder>", "only images under this folder of the indexed one", "")
  .option("--out <file>", "write the coordinates; the ending chooses the format: .csv, .json or .parquet")
  .option("--json", "print the summary as JSON")
  .action(async (folder: string, options) => projectCommand(await loadTools(MODEL), folder, options));

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Not a number.");
  return value;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("Not a whole number above 0.");
  return count;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
