import { join, resolve } from "node:path";
import type { ModelSummary, SkippedFile } from "../../shared/index.ts";
import { writeAtomically, writeFileAtomically } from "../files/index.ts";
import { decodeForModel, findImages, ImageError } from "../images/index.ts";
import { ModelError, readManifest, readModelBytes } from "../model/index.ts";
import { readTowerBytes, textTowerFile } from "../model/text/index.ts";
import { openEmbedder } from "../runtime/index.ts";
import { calibrate } from "./calibrate.ts";
import { int8Form } from "./int8Form.ts";
import { type Comparison, compareModels, type MeasuredImage } from "./measure.ts";
import { planQuantization } from "./plan.ts";
import { prepareModel } from "./prepare.ts";
import { chooseSamples } from "./samples.ts";
import { hasInt8DotProduct } from "./vnni.ts";

export interface QuantizeOptions {
  /** Images to calibrate on; 64 where absent. */
  readonly images?: number;
  readonly onProgress?: (phase: "calibrating" | "measuring", done: number, total: number) => void;
}

/** What quantising did and cost; also the JSON of `lookalike model quantize`. `before` is the float model. */
export interface QuantizeSummary {
  /** Absolute path. */
  readonly file: string;
  readonly model: ModelSummary;
  readonly calibrationImages: number;
  readonly bytes: { readonly before: number; readonly after: number };
  readonly comparison: Comparison;
  readonly skipped: readonly SkippedFile[];
  /** Whether this processor is quick at int8; null where that is not known. */
  readonly int8DotProduct: boolean | null;
}

/**
 * Writes an int8 form of a model, calibrated on a folder of images, and measures what it costs on that folder: uint8
 * activations by their least and greatest values, int8 weights with a scale per channel (Jacob et al., "Quantization
 * and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018, section 2), in QDQ form.
 * @param modelFile the float model
 * @param folder images like those that will be searched; where its subfolders are classes, recall is measured too
 * @param out the model to write
 * @throws ModelError, ImageError or FileError with a sentence for the user
 */
export async function quantizeModel(
  modelFile: string,
  folder: string,
  out: string,
  { images: wanted = 64, onProgress = () => {} }: QuantizeOptions = {},
): Promise<QuantizeSummary> {
  const target = resolve(out);
  if (target === resolve(modelFile)) {
    throw new ModelError(`${target} is the float model itself. Give the int8 model another name.`);
  }
  const bytes = await readModelBytes(modelFile);
  const { input } = readManifest(bytes, modelFile);
  const model = await prepareModel(bytes, modelFile);
  const plan = planQuantization(model.graph, modelFile);
  const float = await openEmbedder(modelFile, { device: "cpu" });
  try {
    const samples = chooseSamples(await imagesOf(folder), wanted);
    const skipped = new Map<string, string>();

    async function* decode(phase: "calibrating" | "measuring", paths: readonly string[]) {
      for (const [i, path] of paths.entries()) {
        try {
          yield { index: i, pixels: (await decodeForModel(join(folder, path), input)).pixels };
        } catch (error) {
          if (!(error instanceof ImageError)) throw error;
          skipped.set(path, error.message);
        }
        onProgress(phase, i + 1, paths.length);
      }
    }
    let calibrated = 0;
    async function* calibrationImages(): AsyncGenerator<Uint8Array> {
      for await (const { pixels } of decode("calibrating", samples.calibration)) {
        calibrated++;
        yield pixels;
      }
    }
    const ranges = await calibrate(model, plan, input, calibrationImages());
    if (calibrated === 0) {
      throw new ImageError(`${folder} holds no image that can be decoded. Choose a folder of images to calibrate on.`);
    }
    const { manifest } = float;
    const quantized = int8Form(bytes, manifest, model, plan, { ranges, images: calibrated });
    // Words stay as they are, and go along.
    if (manifest.text !== undefined) {
      await writeFileAtomically(textTowerFile(target), await readTowerBytes(textTowerFile(modelFile)));
    }
    await writeAtomically(target, (write) => write(quantized));

    const int8 = await openEmbedder(target, { device: "cpu" });
    try {
      async function* measuredImages(): AsyncGenerator<MeasuredImage> {
        for await (const { index, pixels } of decode("measuring", samples.measured)) {
          yield { pixels, label: samples.labels?.[index] ?? null };
        }
      }
      return {
        file: target,
        model: int8.summary,
        calibrationImages: calibrated,
        bytes: { before: bytes.length, after: quantized.length },
        comparison: await compareModels(float, int8, measuredImages()),
        skipped: [...skipped].map(([path, reason]) => ({ path, reason })),
        int8DotProduct: hasInt8DotProduct(),
      };
    } finally {
      await int8.release();
    }
  } finally {
    await float.release();
  }
}

async function imagesOf(folder: string) {
  const { images } = await findImages(folder).catch((cause: unknown) => {
    throw new ImageError(`${resolve(folder)} is not a folder that can be read. Choose a folder of images.`, { cause });
  });
  if (images.length === 0) {
    throw new ImageError(`${resolve(folder)} holds no images. Choose a folder of images to calibrate on.`);
  }
  return images;
}
