import { type Command, InvalidArgumentError, Option } from "commander";
import type * as Core from "../../core/index.ts";
import { RESIZE_KERNELS, type ResizeKernel, type ResizeRule, visible } from "../../shared/index.ts";
import { parseModelFile } from "../modelFile.ts";
import { describeInput } from "./inputText.ts";

interface ImportCommandOptions {
  readonly out?: string;
  readonly descriptors?: string;
  readonly map?: string;
  readonly preprocess?: Core.PreprocessingName;
  readonly mean?: Core.Triple;
  readonly std?: Core.Triple;
  readonly bgr?: boolean;
  readonly size?: number;
  readonly resize?: ResizeRule;
  readonly kernel?: ResizeKernel;
  readonly vector?: string;
  readonly text?: string;
  readonly textOutput?: string;
  readonly sigmoid?: { readonly scale: number; readonly bias: number };
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
    .option("--out <m.onnx>", "where the model goes", parseModelFile)
    .option("--descriptors <list>", "descriptors to hang on its feature map: SMG (default), MG+RMAC, SMG+V, ...")
    .option(
      "--map <tensor>",
      "feature map, tokens or vector to take (default: the last map before global pooling, or a transformer's last tokens)",
    )
    .option(
      "--vector <tensor>",
      "vector of the descriptor V (default: the network's pooled output, or its class token)",
    )
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
    .option(
      "--size <pixels>",
      "width and height of the input, for networks that take any (default: as the files beside it say, as its positions fit, or 224)",
      pixels,
    )
    .option(
      "--resize <rule>",
      "how pictures come to that size: squash, shortest:<side> (then the centre), or longest (then filled up with black) (default: as the files beside the network say, or squash)",
      resizeRule,
    )
    .addOption(
      new Option("--kernel <name>", "what pixels are computed with when the size changes (default: likewise)").choices([
        ...RESIZE_KERNELS,
      ]),
    )
    .option(
      "--text <text_model.onnx>",
      "tower for words that was trained with the network, with its tokenizer.json beside it: the model can then be searched by words",
    )
    .option("--text-output <tensor>", "the tower's output to take (default: text_embeds, or the pooled one)")
    .option(
      "--sigmoid <scale,bias>",
      "what SigLIP's model.safetensors has as exp(logit_scale) and logit_bias: then its own probability tells what is nothing like the words",
      sigmoid,
    )
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
    const inspection = await core.inspectModel(file, { size: options.size, map: options.map });
    console.log(options.json ? JSON.stringify(inspection, null, 2) : list(visible(inspection)));
    return;
  }
  if (options.out === undefined) throw new Error("Say where the model goes with --out, or list its maps with --list.");
  const { descriptors, map, vector, size, resize, kernel, name, licence } = options;
  if (options.text === undefined && (options.textOutput ?? options.sigmoid) !== undefined) {
    throw new Error("--text-output and --sigmoid are about a text tower: name it with --text.");
  }
  const report = await core.importModel({
    file,
    out: options.out,
    branches: descriptors === undefined ? undefined : core.parseDescriptors(descriptors),
    map,
    vector,
    resize,
    kernel,
    preprocessing: preprocessingFrom(core, options),
    order: options.bgr ? "bgr" : undefined,
    size,
    name,
    licence,
    images: options.check,
    ...(options.text === undefined
      ? {}
      : { text: { file: options.text, output: options.textOutput, sigmoid: options.sigmoid } }),
  });
  for (const note of report.inspection.configs.trained.notes) console.error(`Note: ${note}.`);
  const guessed = options.preprocess === undefined && options.mean === undefined && options.std === undefined;
  if (guessed && !report.inspection.preprocessing.certain) {
    const { preprocessing, because } = report.inspection.preprocessing;
    console.error(
      `The preprocessing ${preprocessing.name} is a guess (${because}). If it is wrong, the model finds less; name the ` +
        "right one with --preprocess, or --mean and --std.",
    );
  }
  console.log(
    options.json ? JSON.stringify(summary(report, options.out), null, 2) : describe(visible(report), options.out),
  );
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

function list(inspection: Core.Inspection): string {
  const { file, producer, opset, input, sizes, unused, configs, maps, vectors, firstLayer, chosen, preprocessing } =
    inspection;
  const rows = [
    ...maps.map(({ tensor, op, layout, channels, height, width }) => [
      `[${channels}, ${height}, ${width}]`,
      `${op}${layout === "tokens" ? ", tokens" : ""}${firstLayer.includes(tensor) ? ", first layer" : ""}`,
      tensor,
    ]),
    ...vectors.map(({ tensor, op, dim }) => [`[${dim}]`, op, tensor]),
  ];
  const [shapes, ops] = [0, 1].map((c) => Math.max(...rows.map((row) => row[c]!.length))) as [number, number];
  const line = ([shape, op, tensor]: string[]) =>
    `${tensor === chosen.tensor ? "*" : " "} ${shape!.padEnd(shapes)}  ${op!.padEnd(ops)}  ${tensor}`;
  const { name, because, certain } = { ...preprocessing.preprocessing, ...preprocessing };
  const size = `${input.width} x ${input.height}${input.fixedSize ? "" : sizes.length === 0 ? " (any)" : ` (fitting: ${sizes.join(", ")})`}`;
  return [
    `${file}: opset ${opset}${producer === "" ? "" : `, by ${producer}`}`,
    `input ${input.name}: ${size}, ${input.layout} ${input.type}; preprocessing ${certain ? "" : "probably "}${name} (${because})`,
    ...(unused.length === 0 ? [] : [`inputs that are left out: ${unused.join(", ")}`]),
    ...(configs.files.length === 0 ? [] : [`read beside it: ${configs.files.join(", ")}`]),
    "",
    "Feature maps and vectors from the last to the first; * is what an import takes:",
    ...rows.map(line),
  ].join("\n");
}

function summary(report: Core.ImportReport, out: string) {
  const { manifest, taken, preprocessing, oneByOne, oneByOneBecause, check, size, inspection } = report;
  const { files, trained } = inspection.configs;
  const configs = { files, notes: trained.notes };
  const { tower } = report;
  const text = tower === null ? null : { file: tower.file, bytes: tower.size, ...textFacts(tower.manifest) };
  return { out, bytes: size, manifest, taken, preprocessing, configs, oneByOne, oneByOneBecause, check, text };
}

function textFacts({ dim, context, clean, sigmoid, source }: NonNullable<Core.ImportReport["tower"]>["manifest"]) {
  return { dim, context, clean, sigmoid, source };
}

function describe(report: Core.ImportReport, out: string): string {
  const { manifest, taken, preprocessing, oneByOneBecause, check, size, inspection } = report;
  const { files } = inspection.configs;
  const shape = "channels" in taken ? [taken.channels, taken.height, taken.width] : [taken.dim];
  const branches = manifest.descriptors.map(
    ({ kind, dim, signed }) => `${kind} ${dim}${signed === undefined ? "" : " (shifted)"}`,
  );
  const lines = [
    `${out}: ${manifest.name}, ${(size / 1e6).toFixed(1)} MB, licence ${manifest.weights.licence}`,
    `${branches.join(", ")} of "${taken.tensor}" [${shape.join(", ")}] by ${taken.op}`,
    ...("channels" in taken && taken.layout === "tokens" ? [describeTokens(taken)] : []),
    ...inspection.notes,
    ...(inspection.unused.length === 0 ? [] : [`inputs that it does not need: ${inspection.unused.join(", ")}`]),
    `input ${describeInput(manifest.input)}; preprocessing ${describePreprocessing(preprocessing)}`,
    ...(files.length === 0 ? [] : [`as ${files.join(", ")} say${files.length === 1 ? "s" : ""}`]),
    `checked on ${check.images} images: norms within ${check.normError.toExponential(0)} of 1, alone and in a batch ` +
      `within ${check.batchError.toExponential(0)}, highest score of two different images ${check.closest.toFixed(3)}`,
  ];
  if (report.tower !== null) {
    const { file, size: bytes, manifest: tower } = report.tower;
    lines.push(
      `words: ${file}, ${(bytes / 1e6).toFixed(1)} MB, in the space of ${manifest.text?.branch}, up to ${tower.context} tokens` +
        `${tower.sigmoid === null ? "" : ", with the model's own probability"}; keep it beside the model`,
    );
  }
  if (oneByOneBecause === "batch")
    lines.push("The network takes one image at a time only; the model runs the images of a batch one by one.");
  if (oneByOneBecause === "quantization")
    lines.push(
      "The network is quantised by what is in the batch; the model runs its images one by one, so that no embedding depends on its neighbours.",
    );
  return lines.join("\n");
}

function describeTokens({ height, width, others, first }: Core.FeatureMapInfo): string {
  const beside = others === 0 ? "no others" : `${others} other${others === 1 ? "" : "s"} cut off, ${first} before them`;
  return `tokens of ${height} x ${width} patches, ${beside}; where they lie was tried on five patches`;
}

function describePreprocessing({ name, mean, std, order }: Core.Preprocessing): string {
  if (name !== "as trained") return `${name}, ${order}`;
  const unit = (values: Core.Triple) => values.map((x) => Number((x / 255).toFixed(4))).join(" ");
  return `mean ${unit(mean)}, std ${unit(std)}, ${order}`;
}

function triple(text: string): Core.Triple {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [a, b, c] = values;
  if (values.length !== 3 || a === undefined || b === undefined || c === undefined || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError("Three numbers with commas between them, such as 0.485,0.456,0.406.");
  }
  return [a, b, c];
}

function sigmoid(text: string): { scale: number; bias: number } {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [scale, bias] = values;
  if (values.length !== 2 || !values.every(Number.isFinite) || !(scale! > 0)) {
    throw new InvalidArgumentError("Two numbers with a comma between them, such as 117.3,-12.9.");
  }
  return { scale: scale!, bias: bias! };
}

function resizeRule(text: string): ResizeRule {
  if (text === "squash") return "squash";
  if (text === "longest") return { fit: "longest", fill: [0, 0, 0], place: "centre" };
  const side = /^shortest:(\d+)$/.exec(text)?.[1];
  if (side === undefined) throw new InvalidArgumentError("squash, longest, or shortest:<side> such as shortest:256.");
  return { fit: "shortest", side: pixels(side), halves: "down" };
}

function pixels(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 8 || size > 2048) {
    throw new InvalidArgumentError("A whole number from 8 to 2048.");
  }
  return size;
}
