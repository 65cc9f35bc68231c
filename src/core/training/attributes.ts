import type { NodeProto } from "onnx-buf";

/** Sizes of the axes of a tensor. */
export type Dims = readonly number[];

/** Number of values of a tensor. */
export function sizeOf(dims: Dims): number {
  return dims.reduce((product, n) => product * n, 1);
}

export function intOf(node: NodeProto, name: string, fallback: number): number {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found === undefined ? fallback : Number(found.i);
}

/** The attribute `axis`, counted from the front. @param rank of the value that it is an axis of */
export function axisOf(node: NodeProto, rank: number, fallback: number): number {
  const axis = intOf(node, "axis", fallback);
  return axis < 0 ? axis + rank : axis;
}

export function intsOf(node: NodeProto, name: string): readonly number[] | undefined {
  return node.attribute.find((attribute) => attribute.name === name)?.ints.map(Number);
}

export function textOf(node: NodeProto, name: string): string | undefined {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found === undefined ? undefined : new TextDecoder().decode(found.s);
}

/** Where a window (of a convolution, of a pooling) is put: per axis, height first. */
export interface Windows {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Rows above, columns left, rows below, columns right. */
  readonly pads: readonly [number, number, number, number];
  /** Height and width of the result. */
  readonly out: readonly [number, number];
}

/**
 * Reads the windows of a node, with automatic padding written out. Dilated windows are left to `undefined`.
 * @param input sizes of the map, `[N, C, h, w]`
 * @param kernelDims height and width of the kernel where the node does not name them
 */
export function windowsOf(node: NodeProto, input: Dims, kernelDims: Dims): Windows | undefined {
  const [kh, kw] = intsOf(node, "kernel_shape") ?? kernelDims;
  const [sh, sw] = intsOf(node, "strides") ?? [1, 1];
  if ((intsOf(node, "dilations") ?? []).some((n) => n !== 1) || intOf(node, "ceil_mode", 0) !== 0) return undefined;
  const auto = textOf(node, "auto_pad") ?? "NOTSET";
  let pads = intsOf(node, "pads") ?? [0, 0, 0, 0];
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const totals = [2, 3].map((axis, i) => {
      const [stride, kernel, size] = [[sh, sw][i]!, [kh, kw][i]!, input[axis]!];
      return Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
    });
    const halves = totals.map((n) => Math.floor(n / 2));
    const rest = totals.map((n, i) => n - halves[i]!);
    pads = auto === "SAME_UPPER" ? [...halves, ...rest] : [...rest, ...halves];
  } else if (auto === "VALID") pads = [0, 0, 0, 0];
  const side = (axis: number, kernel: number, stride: number) =>
    Math.floor((input[2 + axis]! + pads[axis]! + pads[2 + axis]! - kernel) / stride) + 1;
  const [top, left, bottom, right] = pads;
  return {
    kernel: [kh!, kw!],
    strides: [sh!, sw!],
    pads: [top!, left!, bottom!, right!],
    out: [side(0, kh!, sh!), side(1, kw!, sw!)],
  };
}
