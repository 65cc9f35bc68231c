import { type NodeProto, TensorProto_DataType, type ValueInfoProto } from "onnx-buf";
import { ModelError } from "../errors.ts";
import { attributeOf, type ForeignGraph, namesRead } from "./graph.ts";

export type Layout = "NCHW" | "NHWC";
export type InputType = "float32" | "float16" | "float64" | "uint8";

/** The one input of a network that takes images. */
export interface ImageInput {
  readonly name: string;
  readonly type: InputType;
  readonly layout: Layout;
  readonly width: number;
  readonly height: number;
  /** Whether the file fixes the size. */
  readonly fixedSize: boolean;
  /** Whether the file fixes the batch, to 1 as a rule. */
  readonly fixedBatch: boolean;
}

const TYPES = new Map<number, InputType>([
  [TensorProto_DataType.FLOAT, "float32"],
  [TensorProto_DataType.FLOAT16, "float16"],
  [TensorProto_DataType.DOUBLE, "float64"],
  [TensorProto_DataType.UINT8, "uint8"],
]);

/** The element types in the numbers of ONNX, as `Cast` takes them. */
export const CAST_TO: Readonly<Record<InputType, number>> = { float32: 1, uint8: 2, float16: 10, float64: 11 };

/** Width and height where neither the file nor the user says: what nearly all networks are trained at. */
const DEFAULT_SIZE = 224;
const MAX_SIZE = 2048;

/**
 * Finds the input that takes the image.
 * @param size asked width and height, for networks that take any
 * @throws ModelError where there is not exactly one, or it is no image of three channels
 */
export function imageInput(graph: ForeignGraph, file: string, size: number | undefined): ImageInput {
  const read = new Set([...graph.nodes.flatMap(namesRead), ...graph.proto.output.map(({ name }) => name)]);
  // Older files list their weights as inputs too.
  const inputs = graph.proto.input.filter(({ name }) => read.has(name) && !graph.constants.has(name));
  const [input, second] = inputs;
  if (input === undefined) throw new ModelError(`${file} has no input that its network reads. Export the model again.`);
  if (second !== undefined) {
    throw new ModelError(
      `${file} wants ${inputs.length} inputs (${inputs.map(({ name }) => name).join(", ")}); Lookalike can give it an ` +
        "image only. Export the part that takes the image by itself.",
    );
  }
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
  const [h, w] = layout === "NCHW" ? [dims[2], dims[3]] : [dims[1], dims[2]];
  if (size !== undefined && ((h ?? size) !== size || (w ?? size) !== size)) {
    throw new ModelError(
      `${file} takes images of ${w ?? "any"} x ${h ?? "any"} pixels only; leave the size out, or export the model with dynamic height and width.`,
    );
  }
  const [height, width] = [h ?? size ?? DEFAULT_SIZE, w ?? size ?? DEFAULT_SIZE];
  if (Math.max(height, width) > MAX_SIZE) {
    throw new ModelError(
      `${file} takes images of ${width} x ${height} pixels; more than ${MAX_SIZE} a side is not supported.`,
    );
  }
  const fixedSize = h !== undefined && w !== undefined;
  return { name, type, layout, width, height, fixedSize, fixedBatch: dims[0] !== undefined };
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
