import { type Command, InvalidArgumentError, Option } from "commander";
import { ATTENTION_KINDS } from "../../shared/index.ts";
import { buildCommand } from "./buildCommand.ts";
import { infoCommand } from "./infoCommand.ts";
import { registerShelfCommands } from "./shelfCommands.ts";

/** Adds `lookalike model` and its subcommands. */
export function registerModelCommands(program: Command): void {
  const model = program.command("model").description("build models and look into them");

  model
    .command("build")
    .description("write an untrained model: a backbone and the descriptors on it")
    .requiredOption("--backbone <name>", "the network that makes the feature map, such as mobilenetv2")
    .requiredOption("--descriptors <list>", "letters and names in order: SMG, SG, MG+RMAC, S+CROW+WGEM")
    .requiredOption("--out <file>", "the model file to write")
    .option("--name <name>", "name of the model (default: backbone and descriptors)")
    .option("--p <number>", "exponent of GeM and wGeM (default: 3)", parseExponent)
    .option("--p-per-channel", "give each channel an exponent of its own, to be trained")
    .addOption(
      new Option("--attention <kind>", "attention before the pooling, to be trained").choices(
        ATTENTION_KINDS.map((kind) => kind.toLowerCase()),
      ),
    )
    .addOption(
      new Option("--last-downsampling <choice>", "CGD removes it, which asks for training").choices([
        "kept",
        "removed",
      ]),
    )
    .option("--json", "print what was written as JSON")
    .action(buildCommand);

  model
    .command("info")
    .description("tell what a model file is made of")
    .argument("<file>", "a model file (.onnx)")
    .option("--json", "print it as JSON")
    .action(infoCommand);

  registerShelfCommands(model);
}

function parseExponent(text: string): number {
  const p = Number(text);
  if (text.trim() === "" || !Number.isFinite(p) || p <= 0) throw new InvalidArgumentError("Not a number above 0.");
  return p;
}
