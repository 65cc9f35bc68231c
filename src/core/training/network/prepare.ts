import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, type ValueInfoProto } from "onnx-buf";
import type { ModelManifest } from "../../../shared/index.ts";
import { appendHeads, featureOutputs, type Head, isGrafted, readManifest, toFloat32 } from "../../model/index.ts";
import { GraphView } from "../../onnx/index.ts";
import { type Dims, intsOf } from "../attributes.ts";
import { CannotTrainError } from "../errors.ts";
import { inferShapes } from "../shapes.ts";
import { takeApart } from "./parts.ts";
import { plainGraph } from "./plain/index.ts";
import { isTransformer } from "./transformer.ts";

export interface NetworkOptions {
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly file: string;
  /** Where the FC start, one per branch, put behind what the branches have; as the model has them where absent. */
  readonly heads?: readonly Head[] | undefined;
  /** Side of the square input in pixels; the model's own where absent. */
  readonly inputSize?: number | undefined;
  /** Gives the last strided convolutions stride 1, as the paper does; as the model has it where absent. */
  readonly removeLastDownsampling?: boolean | undefined;
}

/** A model as it goes into a training: constants in float32, of the input size and layout that are wanted. */
export interface Network {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly manifest: ModelManifest;
  /** Sizes of the values for a single image. */
  readonly shapes: ReadonlyMap<string, Dims>;
}

/**
 * @throws ModelError where the file is no model of ours
 * @throws CannotTrainError where it cannot be brought into the form that is wanted
 */
export function prepareNetwork(options: NetworkOptions): Network {
  const { file, heads, removeLastDownsampling = false } = options;
  let bytes = toFloat32(options.bytes, file);
  const base = readManifest(bytes, file);
  if (base.precision === "int8") {
    throw new CannotTrainError(
      `${file} is an int8 model, which cannot be trained. Train the model that it was made from.`,
    );
  }
  if (base.descriptors.some(({ kind }) => kind === "Vector")) {
    throw new CannotTrainError(
      `${file} has a branch V, the vector that a network gives by itself, so it cannot be trained end to end. Choose descriptors without V, or train a head.`,
    );
  }
  if (heads !== undefined) bytes = appendHeads(bytes, file, heads, base.name, base.training ?? NOT_TRAINED);
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const read = readManifest(bytes, file);
  const size = inputOf(read, options);
  if (graph.node.some(({ output }) => output.some(isGrafted))) {
    plainGraph(model, (batch) => new Map([["image", [batch, size.height, size.width, 3]]]), file);
  }
  if (isTransformer(takeApart(graph))) refuseOtherForm(read, size, removeLastDownsampling, file);
  if (removeLastDownsampling && read.backbone.lastDownsampling === "kept") flatten(graph, sizesFor(graph, size), file);
  const shapes = sizesFor(graph, size);
  const outputs = featureOutputs(read.descriptors, read.backbone.taps);
  const taps = read.backbone.taps.map((tap, i) => {
    const name = outputs.find((each) => each.tap === i)?.output ?? "";
    const [, , height, width] = shapes.get(name) ?? [];
    if (height === undefined || width === undefined) {
      throw new CannotTrainError(
        `The size of the feature map ${tap.name} of ${file} is not known. Train a head instead.`,
      );
    }
    return { ...tap, height, width };
  });
  const regions = read.descriptors.find(
    ({ kind, tap }) => kind === "RMAC" && !sameSize(taps[tap]!, read.backbone.taps[tap]!),
  );
  if (regions !== undefined) {
    throw new CannotTrainError(
      `The regions of ${regions.name} in ${file} are laid out for another size of feature map. Build the model for ${size.width} pixels, then train it.`,
    );
  }
  const lastDownsampling = removeLastDownsampling ? "removed" : read.backbone.lastDownsampling;
  const manifest: ModelManifest = {
    ...read,
    training: base.training,
    backbone: { ...read.backbone, lastDownsampling, taps },
    input: { ...read.input, ...size },
  };
  writeSizes(graph, manifest);
  return { model, graph, manifest, shapes };
}

/** @throws CannotTrainError since the positions of a transformer belong to one number of patches, and its patches do not overlap */
function refuseOtherForm({ input }: ModelManifest, size: Size, removeLastDownsampling: boolean, file: string): void {
  if (removeLastDownsampling) {
    throw new CannotTrainError(`${file} is a transformer, which has no last downsampling. Leave it as in the model.`);
  }
  if (sameSize(size, input)) return;
  throw new CannotTrainError(
    `${file} is a transformer, whose positions belong to an input of ${input.width} x ${input.height} pixels. Leave the input size as in the model, or build the model for ${size.width} pixels (lookalike model build --input-size ${size.width}), then train it.`,
  );
}

/** Stands in the file until the training's own record does. */
const NOT_TRAINED = { method: "head", images: 1 };

interface Size {
  readonly width: number;
  readonly height: number;
}

const sameSize = (a: Size, b: Size) => a.width === b.width && a.height === b.height;

function inputOf({ input }: ModelManifest, { inputSize, file }: NetworkOptions): Size {
  if (inputSize === undefined) return { width: input.width, height: input.height };
  if (!Number.isInteger(inputSize) || inputSize < 32 || inputSize > 1024) {
    throw new CannotTrainError(
      `${file} cannot be trained on ${inputSize} pixels. Choose a whole number from 32 to 1024.`,
    );
  }
  return { width: inputSize, height: inputSize };
}

function sizesFor(graph: GraphProto, { width, height }: Size): Map<string, Dims> {
  const shapes = new Map<string, Dims>([["image", [1, height, width, 3]]]);
  inferShapes(graph.node, shapes, new GraphView(graph));
  return shapes;
}

/** Stride 1 in the last convolutions that have another: in a ResNet the block's and that of its shortcut, on the same map. */
function flatten(graph: GraphProto, shapes: ReadonlyMap<string, Dims>, file: string): void {
  const strided = takeApart(graph).backboneConvs.filter((conv) => (intsOf(conv, "strides") ?? []).some((n) => n > 1));
  const sides = (value: string) => shapes.get(value)?.slice(2).join();
  const last = sides(strided.at(-1)?.input[0] ?? "");
  if (last === undefined) {
    throw new CannotTrainError(`The last downsampling of ${file} was not found. Keep it, or train a head instead.`);
  }
  for (const conv of strided) {
    const strides = conv.attribute.find(({ name }) => name === "strides");
    if (sides(conv.input[0]!) === last && strides !== undefined) strides.ints = strides.ints.map(() => 1n);
  }
}

/** Writes the sizes of input and feature maps, which the graph states. */
function writeSizes(graph: GraphProto, { input, descriptors, backbone: { taps } }: ModelManifest): void {
  const image = graph.input.find(({ name }) => name === "image")!;
  setDim(image, 1, input.height);
  setDim(image, 2, input.width);
  for (const { tap, output } of featureOutputs(descriptors, taps)) {
    const value = graph.output.find(({ name }) => name === output)!;
    setDim(value, 2, taps[tap]!.height);
    setDim(value, 3, taps[tap]!.width);
  }
}

function setDim({ type }: ValueInfoProto, axis: number, size: number): void {
  const dim = type?.value.case === "tensorType" ? type.value.value.shape?.dim[axis] : undefined;
  if (dim !== undefined) dim.value = { case: "dimValue", value: BigInt(size) };
}
