import { promises as fs } from "node:fs";
import { basename, resolve } from "node:path";
import type { InputSpec, ModelManifest } from "../../../shared/index.ts";
import type { BackboneSource } from "../backbones/backbone.ts";
import { type BranchSpec, buildModel } from "../buildModel.ts";
import { parseDescriptors } from "../descriptors/index.ts";
import { ModelError } from "../errors.ts";
import { readManifest } from "../manifest.ts";
import { BatchError, type CheckReport, checkModel, sampleImages } from "./check.ts";
import { graft, grafted } from "./graft.ts";
import { type FeatureMapInfo, type Inspection, inspect, type VectorInfo } from "./inspect.ts";
import { addPreprocessing, inOrder, type Preprocessing } from "./preprocessing.ts";
import { type ForeignModel, readForeignModel } from "./readFile.ts";
import { saveModel } from "./save.ts";
import { checkWeights } from "./weights.ts";

export interface ImportOptions {
  readonly file: string;
  /** Where the model goes. */
  readonly out: string;
  /** One to eight; `SMG` where absent. */
  readonly branches?: readonly BranchSpec[] | undefined;
  /** Name of the value to take: a feature map, or a vector. Where absent, the one that `inspectModel` chooses. */
  readonly map?: string | undefined;
  /** What the network wants to be fed; recognised where absent. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Order of the channels for a preprocessing that is recognised. */
  readonly order?: "rgb" | "bgr" | undefined;
  /** Width and height of the input, for networks that take any; 224 where absent. */
  readonly size?: number | undefined;
  /** Name of the model; the file's name where absent. */
  readonly name?: string | undefined;
  readonly licence?: string | undefined;
  /** Image files to check the model on, at least two; drawn ones where absent. */
  readonly images?: readonly string[] | undefined;
}

export interface ImportReport {
  readonly manifest: ModelManifest;
  readonly inspection: Inspection;
  readonly taken: FeatureMapInfo | VectorInfo;
  readonly preprocessing: Preprocessing;
  /** Whether the network takes one image at a time only, and the model therefore runs them so. */
  readonly oneByOne: boolean;
  readonly check: CheckReport;
  /** Bytes of the new model. */
  readonly size: number;
}

/**
 * Says what is in a foreign network: its input, its feature maps and vectors, and what an import would take.
 * @throws ModelError where the file cannot be used
 */
export async function inspectModel(file: string, size?: number): Promise<Inspection> {
  return inspect(await readForeignModel(file), size);
}

/**
 * Makes a model of ours of a foreign ONNX network: preprocessing in front, descriptors on its feature map (or its own
 * vector as the one branch), everything behind cut away. Nothing is written before the model has passed its check.
 * @throws ModelError where the network cannot be used; `out` is then as it was
 */
export async function importModel(options: ImportOptions): Promise<ImportReport> {
  const { file, out, images = [] } = options;
  if (await sameFile(file, out)) {
    throw new ModelError(`${out} is the network to import itself. Choose another file for the model.`);
  }
  const foreign = await readForeignModel(file);
  const inspection = await inspect(foreign, options.size);
  const taken = options.map === undefined ? inspection.chosen : named(inspection, options.map);
  checkWeights(foreign, taken.tensor);
  const recognised = inspection.preprocessing.preprocessing;
  const preprocessing = options.preprocessing ?? inOrder(recognised, options.order ?? recognised.order);
  if (inspection.input.type === "uint8" && preprocessing.name !== "0..255") {
    throw new ModelError(
      `${file} takes whole numbers of 0..255 and normalises by itself; leave the preprocessing out.`,
    );
  }

  const head = buildModel({
    name: options.name ?? basename(file).replace(/\.onnx$/i, ""),
    backbone: backboneSource(inspection, taken, preprocessing, origin(foreign, options.licence)),
    branches: branchesFor(taken, options),
  });
  const manifest = readManifest(head, out);
  const samples = await sampleImages(images, manifest.input);
  const { bytes, check, oneByOne } = await assemble(head, foreign, inspection, taken, manifest.input, samples);
  await saveModel(out, bytes);
  return { manifest, inspection, taken, preprocessing, oneByOne, check, size: bytes.length };
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const real = async (path: string) => fs.realpath(path).catch(() => resolve(path));
  return (await real(a)) === (await real(b));
}

function named({ file, maps, vectors }: Inspection, tensor: string): FeatureMapInfo | VectorInfo {
  const found = maps.find((map) => map.tensor === tensor) ?? vectors.find((vector) => vector.tensor === tensor);
  if (found !== undefined) return found;
  const some = [...maps, ...vectors].slice(0, 5).map((value) => value.tensor);
  throw new ModelError(
    `${file} has no feature map and no vector "${tensor}". It has, from the last one: ${some.join(", ")}. ` +
      "List all with --list.",
  );
}

function branchesFor(taken: FeatureMapInfo | VectorInfo, { file, branches }: ImportOptions): readonly BranchSpec[] {
  if ("channels" in taken) return branches ?? parseDescriptors("SMG");
  if (branches !== undefined) {
    throw new ModelError(
      `Descriptors pool a feature map, and "${taken.tensor}" of ${file} is a vector. Leave the descriptors out: it ` +
        "becomes the one branch; or name a feature map.",
    );
  }
  return [{ kind: "Vector" }];
}

/** The foreign network as a backbone: its preprocessing, and a gap that `graft` fills. */
function backboneSource(
  { input }: Inspection,
  taken: FeatureMapInfo | VectorInfo,
  preprocessing: Preprocessing,
  { name, weights }: Pick<BackboneSource, "weights"> & { name: string },
): BackboneSource {
  const [channels, height, width] =
    "channels" in taken ? [taken.channels, taken.height, taken.width] : [taken.dim, 1, 1];
  return {
    backbone: { name, lastDownsampling: "kept", taps: [{ name: taken.tensor, channels, height, width }] },
    weights: { ...weights, source: `${weights.source}; preprocessing ${preprocessing.name}, ${preprocessing.order}` },
    inputSize: input.width,
    inputHeight: input.height,
    addTo(graph, pixels) {
      addPreprocessing(graph, pixels, preprocessing, input, grafted(input.name));
      let value = grafted(taken.tensor);
      if (taken.type === "float16") value = graph.op("Cast", [value], { to: 1 });
      if ("channels" in taken && taken.layout === "NHWC")
        value = graph.op("Transpose", [value], { perm: [0, 3, 1, 2] });
      return [value];
    },
  };
}

/** Where the weights come from. The version is the file's hash: exporters rarely write one that says anything. */
function origin({ file, hash, model }: ForeignModel, licence: string | undefined) {
  const metadata = new Map(model.metadataProps.map(({ key, value }) => [key.toLowerCase(), value]));
  const producer = `${model.producerName} ${model.producerVersion}`.trim();
  return {
    name: basename(file).replace(/\.onnx$/i, ""),
    weights: {
      source: producer === "" ? basename(file) : `${basename(file)} (${producer})`,
      version: `sha256 ${hash.slice(0, 16)}`,
      licence: licence ?? metadata.get("license") ?? metadata.get("licence") ?? "unknown",
    },
  };
}

/** Puts network and head together so that batches work, or else so that images run one by one; checks either. */
async function assemble(
  head: Uint8Array,
  foreign: ForeignModel,
  { input }: Inspection,
  taken: FeatureMapInfo | VectorInfo,
  { width, height }: InputSpec,
  samples: readonly Uint8Array[],
): Promise<{ bytes: Uint8Array; check: CheckReport; oneByOne: boolean }> {
  const inputDims = input.layout === "NCHW" ? [3, height, width] : [height, width, 3];
  const outputDims =
    "channels" in taken
      ? taken.layout === "NCHW"
        ? [taken.channels, taken.height, taken.width]
        : [taken.height, taken.width, taken.channels]
      : [taken.dim];
  const attempt = async (oneByOne: boolean) => {
    const parts = { foreign, input: input.name, output: taken.tensor, oneByOne, inputDims, outputDims };
    const bytes = graft(head, parts);
    return { bytes, check: await checkModel(bytes, foreign.file, samples), oneByOne };
  };
  try {
    return await attempt(false);
  } catch (first) {
    try {
      return await attempt(true);
    } catch (second) {
      // Where single images fail too, the batch was not the reason.
      throw first instanceof BatchError ? second : first;
    }
  }
}
