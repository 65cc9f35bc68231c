import type { GraphBuilder } from "../../onnx/index.ts";
import { byPresetName, type Preprocessing, type PreprocessingName, preprocessing } from "../configs/figures.ts";
import type { Configs } from "../configs/index.ts";
import { attributeOf, type ForeignGraph } from "./graph.ts";
import { CAST_TO, type ImageInput } from "./imageInput.ts";
import type { ForeignModel } from "./readFile.ts";
import { floatsOf } from "./tensors.ts";

export interface Recognised {
  readonly preprocessing: Preprocessing;
  /** Where this was read from, for people. */
  readonly because: string;
  /** A guess is worth a warning: wrong preprocessing costs accuracy, and nothing else shows it. */
  readonly certain: boolean;
}

/** Finds out what a network wants to be fed: from its first operators, its metadata, or who wrote it. */
export function recognisePreprocessing(
  foreign: ForeignModel,
  graph: ForeignGraph,
  input: ImageInput,
  { files, trained }: Configs,
): Recognised {
  if (input.type === "uint8") return known("0..255", "it takes whole numbers");
  const inside = firstOperators(graph, input.name);
  if (inside !== undefined) return known(inside, "it normalises by itself");
  if (trained.preprocessing !== undefined) {
    return { preprocessing: byPresetName(trained.preprocessing), because: `${files[0]} says so`, certain: true };
  }

  const metadata = new Map(foreign.model.metadataProps.map(({ key, value }) => [key, value]));
  const range = RANGES[metadata.get("Image.NominalPixelRange") ?? ""];
  if (range !== undefined) {
    const bgr = metadata.get("Image.BitmapPixelFormat")?.startsWith("Bgr") ?? false;
    return known(range, "its metadata say so", true, bgr ? "bgr" : "rgb");
  }
  if (metadata.get("author") === "Ultralytics") return known("0..1", "Ultralytics exports take it");
  const { producerName } = foreign.model;
  if (/tf2onnx|keras/i.test(producerName)) return known("-1..1", `${producerName} wrote it`, false);
  return known("imagenet", producerName === "" ? "most networks take it" : `${producerName} wrote it`, false);
}

/** Image metadata of the ONNX standard. */
const RANGES: Readonly<Record<string, PreprocessingName>> = {
  NominalRange_0_255: "0..255",
  Normalized_0_1: "0..1",
  Normalized_1_1: "-1..1",
};

function known(name: PreprocessingName, because: string, certain = true, order: "rgb" | "bgr" = "rgb"): Recognised {
  return { preprocessing: preprocessing(name, order), because, certain };
}

/**
 * A network whose first operators scale and shift the channels (y = a x + b) does its own normalising; what is left
 * open is whether it expects 0..255 or 0..1.
 */
function firstOperators(graph: ForeignGraph, input: string): PreprocessingName | undefined {
  let [a, b] = [1, 0];
  let found = false;
  let value = input;
  for (const _ of graph.nodes) {
    const node = graph.nodes.find((candidate) => candidate.input.includes(value));
    const output = node?.output[0];
    if (node === undefined || output === undefined) break;
    if (!/^(Identity|Cast|Transpose)$/.test(node.opType)) {
      const step = affine(graph, node, value);
      if (step === undefined) break;
      [a, b] = [a * step.a, b * step.a + step.b];
      found = true;
    }
    value = output;
  }
  if (!found || a === 0) return undefined;
  // A shift of more than two input units only makes sense for 0..255; without one, the spread of the result decides.
  return Math.abs(b / a) > 2 || Math.abs(a) * 255 <= 10 ? "0..255" : "0..1";
}

function affine(
  graph: ForeignGraph,
  node: ForeignGraph["nodes"][number],
  value: string,
): { a: number; b: number } | undefined {
  const constant = (name: string | undefined): number | undefined => {
    const tensor = graph.constants.get(name ?? "");
    const values = tensor === undefined ? undefined : floatsOf(tensor);
    return values?.length === 1 || values?.length === 3
      ? values.reduce((sum, x) => sum + x, 0) / values.length
      : undefined;
  };
  const first = node.input[0] === value;
  const other = constant(first ? node.input[1] : node.input[0]);
  switch (node.opType) {
    case "Add":
      return other === undefined ? undefined : { a: 1, b: other };
    case "Sub":
      return other === undefined ? undefined : first ? { a: 1, b: -other } : { a: -1, b: other };
    case "Mul":
      return other === undefined ? undefined : { a: other, b: 0 };
    case "Div":
      return other === undefined || other === 0 || !first ? undefined : { a: 1 / other, b: 0 };
    case "BatchNormalization": {
      const [scale, bias, mean, variance] = node.input.slice(1).map(constant);
      if (scale === undefined || bias === undefined || mean === undefined || variance === undefined) return undefined;
      const a = scale / Math.sqrt(variance + (attributeOf(node, "epsilon")?.f ?? 1e-5));
      return { a, b: bias - mean * a };
    }
    default:
      return undefined;
  }
}

/**
 * Writes the preprocessing.
 * @param pixels float32 `[N, 3, H, W]`, RGB, 0..255
 * @param output name of what the foreign network reads
 */
export function addPreprocessing(
  graph: GraphBuilder,
  pixels: string,
  { mean, std, order }: Preprocessing,
  { layout, type }: ImageInput,
  output: string,
): void {
  let value = pixels;
  if (order === "bgr") value = graph.op("Gather", [value, graph.ints([2, 1, 0])], { axis: 1 });
  const channels = [1, 3, 1, 1];
  if (mean.some((x) => x !== 0)) value = graph.op("Sub", [value, graph.floats(Float32Array.from(mean), channels)]);
  if (std.some((x) => x !== 1)) value = graph.op("Div", [value, graph.floats(Float32Array.from(std), channels)]);
  if (layout === "NHWC") value = graph.op("Transpose", [value], { perm: [0, 2, 3, 1] });
  if (type !== "float32") value = graph.op("Cast", [value], { to: CAST_TO[type] });
  graph.op("Identity", [value], {}, output);
}
