import { type NodeProto, TensorProto_DataType, type ValueInfoProto } from "onnx-buf";
import { ModelError } from "../errors.ts";
import { attributeOf, type ForeignGraph, namesRead, nodesFor } from "./graph.ts";

export type Layout = "NCHW" | "NHWC";
export type InputType = "float32" | "float16" | "float64" | "uint8";

/** The one input of a network that takes images, as the file has it. */
export interface ImageInput {
  readonly name: string;
  readonly type: InputType;
  readonly layout: Layout;
  /** Undefined where the file leaves it open. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Whether the file fixes the batch, to 1 as a rule. */
  readonly fixedBatch: boolean;
}

/** The input at the size that it is to be used at. */
export interface SizedInput extends ImageInput {
  readonly width: number;
  readonly height: number;
  /** Whether the file fixes the size. */
  readonly fixedSize: boolean;
}

const TYPES = new Map<number, InputType>([
  [TensorProto_DataType.FLOAT, "float32"],
  [TensorProto_DataType.FLOAT16, "float16"],
  [TensorProto_DataType.DOUBLE, "float64"],
  [TensorProto_DataType.UINT8, "uint8"],
]);

/** The element types in the numbers of ONNX, as `Cast` takes them. */
export const CAST_TO: Readonly<Record<InputType, number>> = { float32: 1, uint8: 2, float16: 10, float64: 11 };

/**
 * Finds the input that takes the image. Of several only the one counts that takes images, and the network is then what
 * can be computed from it alone.
 * @param needed a value that is wanted: inputs that it does not need are left out
 * @throws ModelError where there is not exactly one, or it is no image of three channels
 */
export function imageInput(graph: ForeignGraph, file: string, needed?: string): ImageInput {
  const nodes = needed === undefined ? graph.nodes : nodesFor(graph, needed);
  const outputs = needed === undefined ? graph.proto.output.map(({ name }) => name) : [needed];
  const read = new Set([...nodes.flatMap(namesRead), ...outputs]);
  // Older files list their weights as inputs too.
  const inputs = graph.proto.input.filter(({ name }) => read.has(name) && !graph.constants.has(name));
  const images = inputs.length > 1 ? inputs.filter(takesImages) : inputs;
  const names = (values: readonly ValueInfoProto[]) => values.map(({ name }) => name).join(", ");
  const [input, second] = images;
  if (inputs.length === 0) throw new ModelError(`${file} has no input that its network reads. Export the model again.`);
  if (input === undefined) {
    throw new ModelError(
      `${file} wants ${inputs.length} inputs (${names(inputs)}), and none of them takes images. Export the part that ` +
        "takes the image.",
    );
  }
  if (second !== undefined) {
    throw new ModelError(
      `${file} wants ${images.length} images at once (${names(images)}); Lookalike can give it one. Name an output that ` +
        "needs one of them with --map, or export the part that takes one image.",
    );
  }
  return described(input, graph, file);
}

/** Whether an input may be an image: four axes, and three channels wherever they lie. */
function takesImages(input: ValueInfoProto): boolean {
  if (input.type?.value.case !== "tensorType" || !TYPES.has(input.type.value.value.elemType)) return false;
  const dims = dimsOf(input);
  if (dims === undefined) return false;
  const channels = [dims[1], dims[3]];
  return dims.length === 4 && channels.some((size) => size === undefined || size === 3);
}

function described(input: ValueInfoProto, graph: ForeignGraph, file: string): ImageInput {
  const { name } = input;
  if (input.type?.value.case !== "tensorType") {
    throw new ModelError(`The input "${name}" of ${file} is no tensor. Export a network that takes images.`);
  }
  const type = TYPES.get(input.type.value.value.elemType);
  if (type === undefined) {
    throw new ModelError(
      `The input "${name}" of ${file} does not take pixels (its element type is ` +
        `${TensorProto_DataType[input.type.value.value.elemType] ?? "unknown"}). Export a network that takes images as float32.`,
    );
  }
  const dims = dimsOf(input) ?? [undefined, undefined, undefined, undefined];
  const shape = `[${dims.map((d) => d ?? "?").join(", ")}]`;
  if (dims.length !== 4) {
    throw new ModelError(
      `The input "${name}" of ${file} has the shape ${shape}; an image network takes [N, 3, height, width] or ` +
        "[N, height, width, 3]. Export a network that takes images.",
    );
  }
  const layout = layoutOf(dims, graph, name);
  const channels = layout === "NCHW" ? dims[1] : dims[3];
  if (channels !== undefined && channels !== 3) {
    throw new ModelError(
      `The input "${name}" of ${file} has the shape ${shape}; Lookalike feeds colour images, with 3 channels. ` +
        "Export a network for RGB images.",
    );
  }
  const [height, width] = layout === "NCHW" ? [dims[2], dims[3]] : [dims[1], dims[2]];
  return { name, type, layout, width, height, fixedBatch: dims[0] !== undefined };
}

/** Sizes of the axes; undefined for one that is not fixed, and for all where the rank is not given. */
function dimsOf({ type }: ValueInfoProto): (number | undefined)[] | undefined {
  if (type?.value.case !== "tensorType") return undefined;
  return type.value.value.shape?.dim.map(({ value }) =>
    value.case === "dimValue" && value.value > 0n ? Number(value.value) : undefined,
  );
}

function layoutOf(dims: readonly (number | undefined)[], graph: ForeignGraph, name: string): Layout {
  const [, first, , last] = dims;
  if (first === 3 && last !== 3) return "NCHW";
  if (last === 3 && first !== 3) return "NHWC";
  // More than a few channels in the second place are rows.
  if (first !== undefined && first > 4 && (last === undefined || last <= 4)) return "NHWC";
  return startsWithTranspose(graph, name) ? "NHWC" : "NCHW";
}

/** Whether the first operator that moves axes turns NHWC into NCHW. */
function startsWithTranspose(graph: ForeignGraph, name: string): boolean {
  let value = name;
  // As many steps as nodes: a damaged file can hold a circle.
  for (const _ of graph.nodes) {
    const node: NodeProto | undefined = graph.nodes.find(({ input }) => input.includes(value));
    if (node === undefined) return false;
    if (node.opType === "Transpose") return attributeOf(node, "perm")?.ints.join() === "0,3,1,2";
    const next = node.output[0];
    if (!/^(Identity|Cast|Sub|Add|Mul|Div)$/.test(node.opType) || next === undefined) return false;
    value = next;
  }
  return false;
}
