import type { NodeProto } from "onnx-buf";
import { axisOf, type Dims, intOf, intsOf, sizeOf, textOf, windowsOf } from "./attributes.ts";

/** What is constant in a graph: whole numbers of a constant, and sizes of any. */
export interface Constants {
  ints(name: string): readonly number[] | undefined;
  dims(name: string): readonly number[] | undefined;
}

/**
 * The sizes of all values of a graph whose batch is fixed, node by node; values of operators that are not known here
 * (and what depends on them) are left out.
 * @param nodes in the order of their use
 * @param known sizes of inputs and parameters; completed in place
 */
export function inferShapes(nodes: readonly NodeProto[], known: Map<string, Dims>, view: Constants): void {
  const dimsOf = (name: string) => (name === "" ? [] : (known.get(name) ?? view.dims(name)));
  for (const node of nodes) {
    const inputs = node.input.map(dimsOf);
    if (inputs.some((dims) => dims === undefined)) continue;
    const dims = outputDims(node, inputs as readonly Dims[], view);
    if (dims !== undefined) known.set(node.output[0]!, dims);
  }
}

function outputDims(node: NodeProto, inputs: readonly Dims[], view: Constants): Dims | undefined {
  const [x, second] = inputs;
  if (x === undefined) return undefined;
  switch (node.opType) {
    case "Relu":
    case "Clip":
    case "Sqrt":
    case "Exp":
    case "Log":
    case "Neg":
    case "Sigmoid":
    case "Tanh":
    case "Erf":
    case "Softmax":
    case "LayerNormalization":
    case "Identity":
    case "Cast":
      return x;
    case "Add":
    case "Sub":
    case "Mul":
    case "Div":
    case "Pow":
    case "Max":
    case "Min":
    case "Equal":
    case "Greater":
    case "Less":
      return inputs.reduce(broadcast);
    case "MatMul": {
      if (x.length < 2 || second === undefined || second.length < 2) return undefined;
      return [...broadcast(x.slice(0, -2), second.slice(0, -2)), x.at(-2)!, second.at(-1)!];
    }
    case "Gemm": {
      if (x.length !== 2 || second?.length !== 2) return undefined;
      return [x[intOf(node, "transA", 0)]!, second[1 - intOf(node, "transB", 0)]!];
    }
    case "Conv":
    case "MaxPool": {
      const conv = node.opType === "Conv";
      if (x.length !== 4) return undefined;
      const windows = windowsOf(node, x, conv ? second!.slice(2) : []);
      return windows && [x[0]!, conv ? second![0]! : x[1]!, ...windows.out];
    }
    case "GlobalAveragePool":
    case "GlobalMaxPool":
      return [x[0]!, x[1]!, 1, 1];
    case "Flatten": {
      const axis = axisOf(node, x.length, 1);
      return [sizeOf(x.slice(0, axis)), sizeOf(x.slice(axis))];
    }
    case "Reshape": {
      const target = view.ints(node.input[1]!);
      return target && reshaped(x, target);
    }
    case "Transpose":
      return (intsOf(node, "perm") ?? x.map((_, i) => x.length - 1 - i)).map((axis) => x[axis]!);
    case "Concat": {
      const axis = axisOf(node, x.length, 0);
      return x.map((n, i) => (i === axis ? inputs.reduce((sum, dims) => sum + dims[axis]!, 0) : n));
    }
    case "Slice":
      return slicesOf(node, x, view)?.map(([start, end]) => end - start);
    case "Pad": {
      const pads = padsOf(node, x, view);
      return pads && x.map((n, i) => n + pads[i]! + pads[x.length + i]!);
    }
    case "Gather": {
      const axis = axisOf(node, x.length, 0);
      return [...x.slice(0, axis), ...second!, ...x.slice(axis + 1)];
    }
    case "Resize": {
      // Such as positions that are brought to a size; one that goes by scales is not known.
      const sizes = node.input[3] ? view.ints(node.input[3]) : undefined;
      return sizes?.length === x.length ? sizes : undefined;
    }
    case "Expand": {
      const target = view.ints(node.input[1]!);
      return target && broadcast(x, target);
    }
    case "ReduceSum":
    case "ReduceMean":
    case "ReduceMax":
    case "ReduceMin":
    case "ReduceL2": {
      const axes = reducedAxes(node, x, view);
      if (axes === undefined) return undefined;
      const kept = x.map((n, i) => (axes.includes(i) ? 1 : n));
      return intOf(node, "keepdims", 1) === 1 ? kept : kept.filter((_, i) => !axes.includes(i));
    }
    default:
      return undefined;
  }
}

/** The axes that a node reduces, counted from the front; undefined where they are only known at run time. */
export function reducedAxes(node: NodeProto, dims: Dims, view: Constants): readonly number[] | undefined {
  const given = intsOf(node, "axes") ?? (node.input[1] ? view.ints(node.input[1]) : dims.map((_, i) => i));
  return given?.map((axis) => (axis < 0 ? axis + dims.length : axis));
}

/**
 * Where a Slice begins and ends along each axis.
 * @returns undefined where it is only known at run time, or where it does not take every value between the two
 */
export function slicesOf(
  node: NodeProto,
  dims: Dims,
  view: Constants,
): readonly (readonly [number, number])[] | undefined {
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((i) => (node.input[i] ? view.ints(node.input[i]) : null));
  if (!starts || !ends || axes === undefined || steps === undefined || steps?.some((n) => n !== 1)) return undefined;
  const bounds = dims.map((n): readonly [number, number] => [0, n]);
  for (const [i, given] of (axes ?? [...starts.keys()]).entries()) {
    const axis = given < 0 ? given + dims.length : given;
    const n = dims[axis]!;
    const at = (place: number) => Math.min(Math.max(place < 0 ? place + n : place, 0), n);
    bounds[axis] = [at(starts[i]!), Math.max(at(starts[i]!), at(ends[i]!))];
  }
  return bounds;
}

/** What a Pad puts before each axis, then behind each; undefined where that is no constant, or cuts, or mirrors. */
export function padsOf(node: NodeProto, dims: Dims, view: Constants): readonly number[] | undefined {
  const pads = node.input[1] ? view.ints(node.input[1]) : undefined;
  const constant = (textOf(node, "mode") ?? "constant") === "constant" && !node.input[3];
  return constant && pads?.length === 2 * dims.length && pads.every((n) => n >= 0) ? pads : undefined;
}

/** Sizes of what two tensors give together, as numpy and ONNX broadcast. */
function broadcast(a: Dims, b: Dims): Dims {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return m === 1 ? n : m;
  });
}

function reshaped(from: Dims, target: readonly number[]): Dims {
  const to = target.map((n, i) => (n === 0 ? from[i]! : n));
  const rest = sizeOf(to.filter((n) => n !== -1));
  return to.map((n) => (n === -1 ? sizeOf(from) / rest : n));
}
