/** The command line: the same core and the same index as the extension. Bundled to dist/cli/main.mjs. */
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEVICE_CHOICES } from "../shared/index.ts";
import { doctorCommand } from "./doctorCommand.ts";
import { indexCommand } from "./indexCommand.ts";
import { similarCommand } from "./similarCommand.ts";
import { loadTools } from "./tools.ts";

const MODEL = fileURLToPath(new URL("../models/mobilenetv2-smg.onnx", import.meta.url));

const deviceOption = () =>
  new Option("--device <device>", "where the model runs").choices(DEVICE_CHOICES).default("auto");

const program = new Command("lookalike")
  .description("Find images that look alike. Nothing leaves this machine.")
  .showHelpAfterError("(see lookalike --help)");

program
  .command("index")
  .description("embed the images of a folder, or bring its index up to date")
  .argument("<folder>", "folder of images")
  .option("--index <dir>", "folder that holds the indexes (default: the user's data folder)")
  .option("--rebuild", "embed everything again")
  .addOption(deviceOption())
  .option("--json", "print the summary as JSON")
  .action(async (folder: string, options) => indexCommand(await loadTools(MODEL, options.device), folder, options));

program
  .command("similar")
  .description("list the images of an indexed folder that are most alike to an image")
  .argument("<image>", "query image; it may lie outside the folder")
  .requiredOption("--in <folder>", "the indexed folder")
  .option("--index <dir>", "folder that holds the indexes (default: the user's data folder)")
  .option("-k <number>", "length of each list", parseCount, 20)
  .addOption(deviceOption())
  .option("--json", "print lists and scores as JSON")
  .action(async (image: string, options) => similarCommand(await loadTools(MODEL, options.device), image, options));

program
  .command("doctor")
  .description("check what Lookalike needs, and say which device it uses and why; exit code 1 where something fails")
  .option("--in <folder>", "look at the index of this folder as well")
  .option("--index <dir>", "folder that holds the indexes (default: the user's data folder)")
  .addOption(deviceOption())
  .option("--fresh", "try the devices again, also those that failed before")
  .option("--json", "print the report as JSON")
  .action((options) => doctorCommand(MODEL, options));

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
