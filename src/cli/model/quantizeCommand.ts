import { SingleBar } from "cli-progress";
import { type Command, InvalidArgumentError } from "commander";
import type { QuantizeSummary } from "../../core/index.ts";
import { ENOUGH_QUERIES, intervalText, LEAST_QUERIES, visible } from "../../shared/index.ts";
import { parseModelFile } from "../modelFile.ts";
import { loadCore, shelfOf } from "../tools.ts";

interface QuantizeCommandOptions {
  readonly calibrate: string;
  readonly out: string;
  readonly images: number;
  readonly json?: boolean;
}

/** Adds `lookalike model quantize`. */
export function registerQuantizeCommand(model: Command): void {
  model
    .command("quantize")
    .description("write an int8 form of a model, which embeds faster, and tell what it costs on your images")
    .argument("<model>", 'an installed model, a model file (.onnx), or "default"')
    .requiredOption(
      "--calibrate <folder>",
      "images like those you search; with a subfolder per class, recall is measured",
    )
    .requiredOption("--out <m.onnx>", "the model file to write", parseModelFile)
    .option("--images <number>", "images to calibrate on", parseImages, 64)
    .option("--json", "print sizes, speed and cost as JSON")
    .action(quantizeCommand);
}

async function quantizeCommand(name: string, { calibrate, out, images, json }: QuantizeCommandOptions): Promise<void> {
  const core = await loadCore();
  const file = await shelfOf(core).find(name);
  const bar = process.stderr.isTTY ? progressBar() : undefined;
  try {
    const summary = await core.quantizeModel(file, calibrate, out, {
      images,
      onProgress: (phase, done, total) => bar?.show(phase, done, total),
    });
    bar?.end();
    console.log(json ? JSON.stringify(summary, null, 2) : describe(visible(summary)));
  } finally {
    bar?.end();
  }
}

function progressBar() {
  const bar = new SingleBar({
    format: "{phase} {bar} {value}/{total} images",
    hideCursor: true,
    stream: process.stderr,
  });
  let shown = "";
  return {
    show(phase: "calibrating" | "measuring", done: number, total: number): void {
      if (phase !== shown) bar.start(total, done, { phase: phase === "calibrating" ? "Calibrating" : "Measuring" });
      else bar.update(done);
      shown = phase;
    },
    end(): void {
      bar.stop();
    },
  };
}

function describe({
  file,
  bytes,
  model,
  calibrationImages,
  comparison,
  skipped,
  int8DotProduct,
}: QuantizeSummary): string {
  const { images, cosine, imagesPerSecond, recall } = comparison;
  const mega = (n: number) => (n / 1e6).toFixed(1);
  const share = (value: number, n: number) => `${(100 * value).toFixed(1)} % (${intervalText(value, n)})`;
  const gain = imagesPerSecond.after / imagesPerSecond.before;
  return [
    `${file}: model ${model.name}, calibrated on ${calibrationImages} images`,
    `size      ${mega(bytes.before)} -> ${mega(bytes.after)} MB`,
    `speed     ${imagesPerSecond.before.toFixed(1)} -> ${imagesPerSecond.after.toFixed(1)} images/s (${gain.toFixed(1)} x), without decoding`,
    `cosine    ${cosine.mean.toFixed(4)} on average, ${cosine.least.toFixed(4)} at least, between the embeddings of ${images} images`,
    recall === null
      ? `Recall@1  not measured: it takes subfolders that are classes, and ${LEAST_QUERIES} images that have another one of theirs`
      : `Recall@1  ${share(recall.before, recall.queries)} -> ${share(recall.after, recall.queries)} (95 % intervals; ${recall.queries} queries${recall.queries < ENOUGH_QUERIES ? ": too few to tell" : ""})`,
    ...(int8DotProduct === false ? ["This processor has no VNNI: int8 gains less here."] : []),
    ...skipped.map(({ path, reason }) => `skipped ${path}: ${reason}`),
  ].join("\n");
}

function parseImages(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("Not a whole number above 0.");
  return count;
}
