import { type NodeProto, TensorProto_DataType } from "onnx-buf";
import { attributeOf, type ForeignGraph, nodesFor, valuesFrom } from "./graph.ts";
import type { ImageInput } from "./imageInput.ts";

/** How a network cuts its input into patches: by a convolution whose stride is its kernel. */
export interface Patches {
  /** Pixels, and channels of a patch. */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** What the convolution gives. */
  readonly tensor: string;
}

/** What may stand between an input and the first operator that says something. */
const PASSED = /^(Identity|Cast|Transpose|Add|Sub|Mul|Div|QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear)$/;

/** The first convolution of a network, where it cuts patches. */
export function patchesOf(graph: ForeignGraph, input: ImageInput): Patches | undefined {
  const conv = firstConv(graph, input.name);
  if (conv === undefined) return undefined;
  const weights = conv.input.slice(1).flatMap((name) => graph.constants.get(name) ?? []);
  const dims = weights.map((tensor) => tensor.dims.map(Number)).find((sizes) => sizes.length === 4);
  const kernel = attributeOf(conv, "kernel_shape")?.ints.map(Number) ?? dims?.slice(2) ?? [];
  const strides = attributeOf(conv, "strides")?.ints.map(Number) ?? [1, 1];
  const [height, width] = kernel;
  const [down, across] = strides;
  if (height === undefined || width === undefined || dims === undefined) return undefined;
  // Some embeddings overlap; then the stride says how many there are.
  if (down !== height || across !== width || height < 2) return undefined;
  return { height, width, channels: dims[0]!, tensor: conv.output[0]! };
}

function firstConv(graph: ForeignGraph, input: string): NodeProto | undefined {
  const open = new Set([input]);
  for (const node of graph.nodes) {
    if (!node.input.some((name) => open.has(name))) continue;
    if (/^(Conv|ConvInteger|QLinearConv)$/.test(node.opType)) return node;
    if (PASSED.test(node.opType)) for (const output of node.output) open.add(output);
  }
  return undefined;
}

/**
 * Numbers of positions that are added to the patches as they are: constants `[1, P, C]` or `[P, C]` that meet what comes
 * from the image in a sum. A network that interpolates its positions adds none of them as they are.
 */
export function positionsOf(graph: ForeignGraph, input: ImageInput, channels: number): number[] {
  const dependent = valuesFrom(graph, input.name);
  const fixed = graph.nodes.flatMap((node) => {
    if (node.opType !== "Add" && !/EmbedLayerNorm|SkipLayerNorm/.test(node.opType)) return [];
    const own = node.input.filter((name) => name !== "" && !dependent.has(name));
    return own.length === node.input.length ? [] : own;
  });
  const names = new Set([...fixed, ...nodesFor(graph, fixed).flatMap((source) => source.input)]);
  const found = new Set<number>();
  for (const name of names) {
    const tensor = graph.constants.get(name);
    if (tensor === undefined) continue;
    const dims = tensor.dims.map(Number);
    const real = tensor.dataType === TensorProto_DataType.FLOAT || tensor.dataType === TensorProto_DataType.FLOAT16;
    if (real && dims.length >= 2 && dims.at(-1) === channels && dims.at(-2)! > 3) found.add(dims.at(-2)!);
  }
  return [...found];
}

/** Tokens beside the patches, as many as networks have: class, distillation, registers. */
export const OTHER_TOKENS = [0, 1, 2, 4, 5, 8, 9, 16, 17];

/** Sides of a square input, in pixels, whose patches a number of positions fits. */
export function sidesFor(positions: number, patch: number): number[] {
  return OTHER_TOKENS.flatMap((others) => {
    const side = Math.sqrt(positions - others);
    return Number.isInteger(side) && side > 1 ? [side * patch] : [];
  });
}
