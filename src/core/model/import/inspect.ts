import type { NodeProto } from "onnx-buf";
import { ModelError } from "../errors.ts";
import { type ForeignGraph, foreignGraph, valuesFrom } from "./graph.ts";
import { type ImageInput, imageInput, type Layout } from "./imageInput.ts";
import { layouts } from "./layouts.ts";
import { measure } from "./measure.ts";
import { type Recognised, recognisePreprocessing } from "./preprocessing.ts";
import type { ForeignModel } from "./readFile.ts";

/** A feature map of a foreign network, `[channels, height, width]` per image. */
export interface FeatureMapInfo {
  readonly tensor: string;
  /** The operator that makes it. */
  readonly op: string;
  readonly layout: Layout;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly type: "float32" | "float16";
}

/** A value of a foreign network with one vector per image. */
export interface VectorInfo {
  readonly tensor: string;
  readonly op: string;
  readonly dim: number;
  readonly type: "float32" | "float16";
}

export interface Inspection {
  readonly file: string;
  readonly producer: string;
  readonly opset: number;
  readonly input: ImageInput;
  readonly preprocessing: Recognised;
  /** From the last one to the first. */
  readonly maps: readonly FeatureMapInfo[];
  /** The network's own outputs first, then from the last one to the first. */
  readonly vectors: readonly VectorInfo[];
  /** What the import takes where the user names nothing: the last feature map that nothing but pooling follows. */
  readonly chosen: FeatureMapInfo | VectorInfo;
}

/**
 * Finds what descriptors can be hung on, by running the network once on the CPU with its inner values as outputs.
 * @param size asked width and height, for networks that take any
 * @throws ModelError where the network cannot be run, or has neither feature map nor vector
 */
export async function inspect(foreign: ForeignModel, size: number | undefined): Promise<Inspection> {
  const { file, model, opset } = foreign;
  const graph = foreignGraph(model.graph);
  const input = imageInput(graph, file, size);
  const shapes = await measure(foreign, graph, input);
  const order = graph.nodes.flatMap((node) => node.output.map((tensor) => ({ tensor, op: node.opType })));
  const layout = layouts(graph, input);

  const maps: FeatureMapInfo[] = [];
  const vectors: VectorInfo[] = [];
  for (const { tensor, op } of order.reverse()) {
    const shape = shapes.get(tensor);
    if (shape === undefined) continue;
    const { dims, type } = shape;
    const how = layout.get(tensor);
    if (dims.length === 4 && how !== undefined) {
      const [, a = 0, b = 0, c = 0] = dims;
      const [channels, height, width] = how === "NCHW" ? [a, b, c] : [c, a, b];
      if (height > 1 && width > 1 && channels > 0)
        maps.push({ tensor, op, layout: how, channels, height, width, type });
    }
    const flat = dims.length === 2 || (dims.length === 4 && dims[2] === 1 && dims[3] === 1);
    if (flat && dims[0] === 1 && (dims[1] ?? 0) > 1) vectors.push({ tensor, op, dim: dims[1]!, type });
  }
  const outputs = model.graph.output.map(({ name }) => name);
  vectors.sort((a, b) => Number(outputs.includes(b.tensor)) - Number(outputs.includes(a.tensor)));
  const chosen = choose(graph, input.name, maps, vectors);
  if (chosen === undefined) {
    throw new ModelError(
      `${file} has neither a feature map (a 4-D value of more than 1 x 1) nor a vector per image. ` +
        "Export a classifier or an embedding network.",
    );
  }
  const { producerName, producerVersion } = model;
  return {
    file,
    producer: `${producerName} ${producerVersion}`.trim(),
    opset,
    input,
    preprocessing: recognisePreprocessing(foreign, graph, input),
    maps,
    vectors,
    chosen,
  };
}

/** A map with fewer is an image or a mask that the network draws. */
const MIN_CHANNELS = 4;

/**
 * The last map is the one before global pooling. Not in a transformer: there the only maps are the patches, before all
 * that it computes; its vector is taken instead, if it has one. Inner vectors are never taken unasked: most of them are
 * the gates of squeeze-excitations.
 */
function choose(
  graph: ForeignGraph,
  input: string,
  maps: readonly FeatureMapInfo[],
  vectors: readonly VectorInfo[],
): FeatureMapInfo | VectorInfo | undefined {
  const dependent = valuesFrom(graph, input);
  const attention = graph.nodes.filter(
    ({ opType, input: reads }) =>
      /Attention$/.test(opType) || (opType === "MatMul" && reads.every((name) => dependent.has(name))),
  );
  const rich = maps.filter(({ channels }) => channels >= MIN_CHANNELS);
  const map = rich.find(({ tensor }) => {
    const later = attention.length === 0 ? new Set<string>() : valuesFrom(graph, tensor);
    return !attention.some(({ output }) => output.some((name) => later.has(name)));
  });
  const own = vectors.find(({ tensor }) => graph.proto.output.some(({ name }) => name === tensor));
  return map ?? (own === undefined ? undefined : (beforeClasses(graph, own, vectors) ?? own)) ?? rich[0] ?? maps[0];
}

/** A softmax says which class; the vector that its last layer reads says more of the picture. */
function beforeClasses(graph: ForeignGraph, own: VectorInfo, vectors: readonly VectorInfo[]): VectorInfo | undefined {
  if (!/Softmax$/.test(own.op)) return undefined;
  let node: NodeProto | undefined = graph.producers.get(own.tensor);
  for (const _ of graph.nodes) {
    const reads: string | undefined = node?.input[0];
    if (reads === undefined || node === undefined) return undefined;
    if (/^(Gemm|MatMul)$/.test(node.opType)) return vectors.find(({ tensor }) => tensor === reads);
    node = graph.producers.get(reads);
  }
  return undefined;
}
