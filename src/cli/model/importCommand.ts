import { type Command, InvalidArgumentError, Option } from "commander";
import type * as Core from "../../core/index.ts";

interface ImportCommandOptions {
  readonly out?: string;
  readonly descriptors?: string;
  readonly map?: string;
  readonly preprocess?: Core.PreprocessingName;
  readonly mean?: Core.Triple;
  readonly std?: Core.Triple;
  readonly bgr?: boolean;
  readonly size?: number;
  readonly name?: string;
  readonly licence?: string;
  readonly check?: readonly string[];
  readonly list?: boolean;
  readonly json?: boolean;
}

/** Adds `lookalike model import` to the command `lookalike model`. */
export function registerImportCommand(model: Command): void {
  model
    .command("import")
    .description("make a model of a classifier or embedding network in an ONNX file")
    .argument("<file.onnx>", "the network")
    .option("--out <m.onnx>", "where the model goes")
    .option("--descriptors <list>", "descriptors to hang on its feature map: SMG (default), MG+RMAC, ...")
    .option("--map <tensor>", "feature map or vector to take (default: the last map before global pooling)")
    .addOption(
      new Option("--preprocess <name>", "what the network wants to be fed (default: recognised)").choices([
        "imagenet",
        "0..1",
        "-1..1",
        "0..255",
      ] satisfies Core.PreprocessingName[]),
    )
    .option("--mean <a,b,c>", "mean per channel, of pixels in 0..1 (or, if above 2, in 0..255)", triple)
    .option("--std <a,b,c>", "standard deviation per channel, likewise", triple)
    .option("--bgr", "the network wants blue first")
    .option("--size <pixels>", "width and height of the input, for networks that take any (default: 224)", pixels)
    .option("--name <name>", "name of the model (default: the file's)")
    .option("--licence <text>", "licence of the weights, kept in the model")
    .option("--check <images...>", "two or more image files to check the model on (default: drawn ones)")
    .option("--list", "only list the network's feature maps and vectors")
    .option("--json", "print the result as JSON")
    .action(importCommand);
}

async function importCommand(file: string, options: ImportCommandOptions): Promise<void> {
  const core = await import("../../core/index.ts");
  if (options.list) {
    const inspection = await core.inspectModel(file, options.size);
    console.log(options.json ? JSON.stringify(inspection, null, 2) : list(inspection));
    return;
  }
  if (options.out === undefined) throw new Error("Say where the model goes with --out, or list its maps with --list.");
  const { descriptors, map, size, name, licence } = options;
  const report = await core.importModel({
    file,
    out: options.out,
    branches: descriptors === undefined ? undefined : core.parseDescriptors(descriptors),
    map,
    preprocessing: preprocessingFrom(core, options),
    order: options.bgr ? "bgr" : undefined,
    size,
    name,
    licence,
    images: options.check,
  });
  const guessed = options.preprocess === undefined && options.mean === undefined && options.std === undefined;
  if (guessed && !report.inspection.preprocessing.certain) {
    const { preprocessing, because } = report.inspection.preprocessing;
    console.error(
      `The preprocessing ${preprocessing.name} is a guess (${because}). If it is wrong, the model finds less; name the ` +
        "right one with --preprocess, or --mean and --std.",
    );
  }
  console.log(options.json ? JSON.stringify(summary(report, options.out), null, 2) : describe(report, options.out));
}

/** Undefined leaves it to the import. */
function preprocessingFrom(
  core: typeof Core,
  { preprocess, mean, std, bgr }: ImportCommandOptions,
): Core.Preprocessing | undefined {
  const order = bgr ? "bgr" : "rgb";
  if (mean !== undefined || std !== undefined) {
    if (preprocess !== undefined) throw new Error("Give either --preprocess or --mean and --std, not both.");
    if (mean === undefined || std === undefined) throw new Error("--mean and --std belong together: give both.");
    return core.customPreprocessing(mean, std, order);
  }
  return preprocess === undefined ? undefined : core.preprocessing(preprocess, order);
}

function list({ file, producer, opset, input, maps, vectors, chosen, preprocessing }: Core.Inspection): string {
  const rows = [
    ...maps.map(({ tensor, op, channels, height, width }) => [`[${channels}, ${height}, ${width}]`, op, tensor]),
    ...vectors.map(({ tensor, op, dim }) => [`[${dim}]`, op, tensor]),
  ];
  const [shapes, ops] = [0, 1].map((c) => Math.max(...rows.map((row) => row[c]!.length))) as [number, number];
  const line = ([shape, op, tensor]: string[]) =>
    `${tensor === chosen.tensor ? "*" : " "} ${shape!.padEnd(shapes)}  ${op!.padEnd(ops)}  ${tensor}`;
  const { name, because, certain } = { ...preprocessing.preprocessing, ...preprocessing };
  const size = `${input.width} x ${input.height}${input.fixedSize ? "" : " (any)"}`;
  return [
    `${file}: opset ${opset}${producer === "" ? "" : `, by ${producer}`}`,
    `input ${input.name}: ${size}, ${input.layout} ${input.type}; preprocessing ${certain ? "" : "probably "}${name} (${because})`,
    "",
    "Feature maps and vectors from the last to the first; * is what an import takes:",
    ...rows.map(line),
  ].join("\n");
}

function summary({ manifest, taken, preprocessing, oneByOne, check, size }: Core.ImportReport, out: string) {
  return { out, bytes: size, manifest, taken, preprocessing, oneByOne, check };
}

function describe({ manifest, taken, preprocessing, oneByOne, check, size }: Core.ImportReport, out: string): string {
  const shape = "channels" in taken ? [taken.channels, taken.height, taken.width] : [taken.dim];
  const branches = manifest.descriptors.map(({ kind, dim }) => `${kind} ${dim}`).join(", ");
  const lines = [
    `${out}: ${manifest.name}, ${(size / 1e6).toFixed(1)} MB`,
    `${branches} of "${taken.tensor}" [${shape.join(", ")}] by ${taken.op}`,
    `input ${manifest.input.width} x ${manifest.input.height}, preprocessing ${preprocessing.name}, ${preprocessing.order}`,
    `checked on ${check.images} images: norms within ${check.normError.toExponential(0)} of 1, alone and in a batch ` +
      `within ${check.batchError.toExponential(0)}, highest score of two different images ${check.closest.toFixed(3)}`,
  ];
  if (oneByOne)
    lines.push("The network takes one image at a time only; the model runs the images of a batch one by one.");
  return lines.join("\n");
}

function triple(text: string): Core.Triple {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [a, b, c] = values;
  if (values.length !== 3 || a === undefined || b === undefined || c === undefined || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError("Three numbers with commas between them, such as 0.485,0.456,0.406.");
  }
  return [a, b, c];
}

function pixels(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 8 || size > 2048) {
    throw new InvalidArgumentError("A whole number from 8 to 2048.");
  }
  return size;
}
