import { promises as fs } from "node:fs";
import { basename, resolve } from "node:path";
import type { InputSpec, ModelManifest, ResizeKernel, ResizeRule } from "../../../shared/index.ts";
import { type BranchSpec, buildModel } from "../buildModel.ts";
import { inOrder, type Preprocessing } from "../configs/figures.ts";
import { ModelError } from "../errors.ts";
import { readManifest } from "../manifest.ts";
import { importTower, type TextManifest, type TowerOptions, textTowerFile } from "../text/index.ts";
import { assemble } from "./assemble.ts";
import { backboneSource } from "./backboneSource.ts";
import { branchesFor } from "./branches.ts";
import { type CheckReport, sampleImages } from "./check.ts";
import { type Inspection, type InspectOptions, inspect } from "./inspect.ts";
import { readForeignModel } from "./readFile.ts";
import { saveModel } from "./save.ts";
import { checkTowers } from "./towers.ts";
import { trainedInput } from "./trainedInput.ts";
import type { FeatureMapInfo, VectorInfo } from "./values.ts";
import { checkWeights } from "./weights.ts";

export interface ImportOptions {
  readonly file: string;
  /** Where the model goes. */
  readonly out: string;
  /** One to eight; `SMG` where absent. One of kind Vector is the network's class token or own vector. */
  readonly branches?: readonly BranchSpec[] | undefined;
  /** Name of the value to take: a feature map, tokens, or a vector. Where absent, the one that `inspectModel` chooses. */
  readonly map?: string | undefined;
  /** Name of the vector of a Vector branch beside a map; where absent, the one that the network gives, or its class token. */
  readonly vector?: string | undefined;
  /** What the network wants to be fed; recognised where absent. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Order of the channels for a preprocessing that is recognised. */
  readonly order?: "rgb" | "bgr" | undefined;
  /** Width and height of the input, for networks that take any; see `sizesFor` where absent. */
  readonly size?: number | undefined;
  /** How pictures come to that size; as the files beside the network say, or squashed, where absent. */
  readonly resize?: ResizeRule | undefined;
  readonly kernel?: ResizeKernel | undefined;
  /** Name of the model; the file's name where absent. */
  readonly name?: string | undefined;
  readonly licence?: string | undefined;
  /** The tower for words that was trained with the network; it then has a branch V, which words can be searched in. */
  readonly text?: TowerOptions | undefined;
  /** Image files to check the model on, at least two; drawn ones where absent. */
  readonly images?: readonly string[] | undefined;
}

export interface ImportReport {
  readonly manifest: ModelManifest;
  readonly inspection: Inspection;
  readonly taken: FeatureMapInfo | VectorInfo;
  readonly preprocessing: Preprocessing;
  /** Whether the model runs the images of a batch one by one. */
  readonly oneByOne: boolean;
  /** Why it does: the network takes no batches, or quantises by what is in the batch. */
  readonly oneByOneBecause: "batch" | "quantization" | null;
  readonly check: CheckReport;
  /** Bytes of the new model. */
  readonly size: number;
  /** The text tower that lies beside it; null where it has none. */
  readonly tower: { readonly file: string; readonly size: number; readonly manifest: TextManifest } | null;
}

/**
 * Says what is in a foreign network: its input, its feature maps and vectors, and what an import would take.
 * @throws ModelError where the file cannot be used
 */
export async function inspectModel(file: string, options?: InspectOptions): Promise<Inspection> {
  return inspect(await readForeignModel(file), options);
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
  const { size, map } = options;
  const inspection = await inspect(foreign, { size, map, preprocessing: options.preprocessing });
  const taken = inspection.chosen;
  checkWeights(foreign, taken.tensor);
  const recognised = inspection.preprocessing.preprocessing;
  const preprocessing = options.preprocessing ?? inOrder(recognised, options.order ?? recognised.order);
  if (inspection.input.type === "uint8" && preprocessing.name !== "0..255") {
    throw new ModelError(
      `${file} takes whole numbers of 0..255 and normalises by itself; leave the preprocessing out.`,
    );
  }

  const { branches, vector } = branchesFor(inspection, options);
  if (vector !== undefined && "tensor" in vector) checkWeights(foreign, vector.tensor);
  const tower = options.text === undefined ? undefined : await importTower(options.text);
  const shared = vector ?? taken;
  if (tower !== undefined && "dim" in shared) checkTowers(foreign, shared, tower, options);
  const resizing: Pick<InputSpec, "resize" | "kernel"> = trainedInput(inspection, options);
  const source = backboneSource({ foreign, inspection, vector, preprocessing, resizing, licence: options.licence });
  const name = options.name ?? basename(file).replace(/\.onnx$/i, "");
  const head = buildModel({ name, backbone: source, branches, tower: tower?.tower });
  const manifest = readManifest(head, out);
  const samples = await sampleImages(images, manifest.input);
  const { bytes, ...how } = await assemble(head, foreign, inspection, vector, samples);
  const towerFile = textTowerFile(out);
  // Before the model, which names it.
  if (tower !== undefined) await saveModel(towerFile, tower.bytes);
  await saveModel(out, bytes);
  return {
    manifest,
    inspection,
    taken,
    preprocessing,
    ...how,
    size: bytes.length,
    tower: tower === undefined ? null : { file: towerFile, size: tower.bytes.length, manifest: tower.manifest },
  };
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const real = async (path: string) => fs.realpath(path).catch(() => resolve(path));
  return (await real(a)) === (await real(b));
}
