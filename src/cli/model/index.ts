import { type Command, InvalidArgumentError, Option } from "commander";
import { ATTENTION_KINDS } from "../../shared/index.ts";
import { parseModelFile } from "../modelFile.ts";
import { buildCommand } from "./buildCommand.ts";
import { downloadCommand } from "./downloadCommand.ts";
import { registerImportCommand } from "./importCommand.ts";
import { infoCommand } from "./infoCommand.ts";
import { registerQuantizeCommand } from "./quantizeCommand.ts";
import { registerShelfCommands } from "./shelfCommands.ts";

/** Adds `lookalike model` and its subcommands. */
export function registerModelCommands(program: Command): void {
  const model = program.command("model").description("build models and look into them");

  model
    .command("build")
    .description("write an untrained model: a backbone and the descriptors on it")
    .requiredOption("--backbone <name>", "the network that makes the feature map, such as mobilenetv2")
    .requiredOption("--descriptors <list>", "letters and names in order: SMG, SG, MG+RMAC, S+CROW+WGEM")
    .requiredOption("--out <m.onnx>", "the model file to write", parseModelFile)
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
    .option("--weights <file>", "weights of a ResNet (.safetensors, names as in torchvision or timm)")
    .option(
      "--taps <list>",
      "feature maps to pool, one for all descriptors or one for each, joined by commas",
      parseList,
    )
    .option("--input-size <pixels>", "side of the input (default: 224)", parseSize)
    .addOption(
      new Option("--precision <precision>", "of large weights in the file; float16 is exact where a byte per weight is")
        .choices(["float16", "float32"])
        .default("float16"),
    )
    .option("--json", "print what was written as JSON")
    .action(buildCommand);

  model
    .command("download")
    .description(
      "download a network from a model hub, to import or to build a model on; without a repository, a list of ten",
    )
    .argument("[repository]", "such as timm/resnet50.a1_in1k, or the name of a backbone or of one of the ten")
    .option("--file <name>", "which of the repository's networks (default: its only one)")
    .option("--out <file>", "where to write it (default: the current folder)")
    .option("--folder <folder>", "write it with its data and configurations, laid out as in the repository")
    .option("--list", "only list the repository's networks, in order of use, and its licences")
    .option("--endpoint <url>", "another hub")
    .option("--json", "print what was written as JSON")
    .option("--text", "with its tower for words and its tokenizer, to import both (needs --folder)")
    .action(downloadCommand);

  model
    .command("info")
    .description("tell what a model file is made of")
    .argument("<file>", "a model file (.onnx)")
    .option("--json", "print it as JSON")
    .action(infoCommand);

  registerImportCommand(model);
  registerQuantizeCommand(model);
  registerShelfCommands(model);
}

function parseExponent(text: string): number {
  const p = Number(text);
  if (text.trim() === "" || !Number.isFinite(p) || p <= 0) throw new InvalidArgumentError("Not a number above 0.");
  return p;
}

function parseList(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function parseSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 32) throw new InvalidArgumentError("Not a whole number of pixels above 31.");
  return size;
}
