import type { NodeProto } from "onnx-buf";
import { type Dims, intOf, intsOf, sizeOf } from "../../attributes.ts";
import { type Known, knownTensor } from "./known.ts";

type Elementwise = (a: number, b: number, c: number) => number;

const ELEMENTWISE: Readonly<Record<string, Elementwise>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Mod: (a, b) => a - Math.floor(a / b) * b,
  Pow: (a, b) => a ** b,
  Min: Math.min,
  Max: Math.max,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  Less: (a, b) => Number(a < b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
  Where: (condition, a, b) => (condition === 0 ? b : a),
  Neg: (a) => -a,
  Not: (a) => Number(a === 0),
  Sqrt: Math.sqrt,
  Reciprocal: (a) => 1 / a,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Cast: (a) => a,
};
const TRUTHS = /^(Equal|Greater|Less|And|Or|Not)$/;

/**
 * The result of a node whose inputs are all known.
 * @param inputs undefined where the node names none
 * @returns undefined where the operator is not among those that sizes and weights are computed with
 */
export function evaluate(node: NodeProto, inputs: readonly (Known | undefined)[]): Known | undefined {
  const [x, second] = inputs;
  const { opType } = node;
  if (opType === "ConstantOfShape") return constantOfShape(node, x!);
  if (opType === "Range") return range(inputs as readonly Known[]);
  if (x === undefined) return undefined;
  if (opType === "Identity") return x;
  const each = ELEMENTWISE[opType];
  if (each !== undefined) return elementwise(node, each, inputs as readonly Known[]);
  const rank = x.dims.length;
  const axesGiven = intsOf(node, "axes") ?? (second === undefined ? undefined : Array.from(second.values));
  switch (opType) {
    case "Unsqueeze": {
      const full = rank + (axesGiven?.length ?? 0);
      const added = new Set(axesGiven?.map((axis) => (axis < 0 ? axis + full : axis)));
      const kept = [...x.dims];
      return { ...x, dims: Array.from({ length: full }, (_, i) => (added.has(i) ? 1 : kept.shift()!)) };
    }
    case "Squeeze": {
      const gone = axesGiven?.map((axis) => (axis < 0 ? axis + rank : axis));
      return { ...x, dims: x.dims.filter((n, i) => (gone === undefined ? n !== 1 : !gone.includes(i))) };
    }
    case "Reshape": {
      const to = Array.from(second!.values).map((n, i) => (n === 0 ? x.dims[i]! : n));
      const rest = sizeOf(x.dims) / sizeOf(to.filter((n) => n !== -1));
      return { ...x, dims: to.map((n) => (n === -1 ? rest : n)) };
    }
    case "Transpose": {
      const perm = intsOf(node, "perm") ?? x.dims.map((_, i) => rank - 1 - i);
      const dims = perm.map((axis) => x.dims[axis]!);
      if (perm.join() === "1,0") return { dims, values: turned(x), whole: x.whole };
      return picked(x, dims, (at) => perm.map((_, axis) => at[perm.indexOf(axis)]!));
    }
    case "Expand": {
      const dims = broadcastDims([x.dims, Array.from(second!.values)]);
      return picked(x, dims, (at) => at.slice(dims.length - rank).map((n, i) => (x.dims[i] === 1 ? 0 : n)));
    }
    case "Gather": {
      const axis = intOf(node, "axis", 0) + (intOf(node, "axis", 0) < 0 ? rank : 0);
      const dims = [...x.dims.slice(0, axis), ...second!.dims, ...x.dims.slice(axis + 1)];
      const inner = second!.dims.length;
      return picked(x, dims, (at) => {
        const index = second!.values[flat(at.slice(axis, axis + inner), second!.dims)]!;
        return [...at.slice(0, axis), index < 0 ? index + x.dims[axis]! : index, ...at.slice(axis + inner)];
      });
    }
    case "Slice": {
      const [, starts, ends, axes, steps] = inputs.map((input) => input && Array.from(input.values));
      const begin = x.dims.map(() => 0);
      const stride = x.dims.map(() => 1);
      const dims = [...x.dims];
      for (const [i, start] of (starts ?? []).entries()) {
        const axis = ((axes?.[i] ?? i) + rank) % rank;
        const step = steps?.[i] ?? 1;
        const n = x.dims[axis]!;
        const place = (at: number) => (at < 0 ? at + n : at);
        // Backwards it begins at the last value at most, and ends before the first.
        const [low, high] = step < 0 ? [-1, n - 1] : [0, n];
        const clamp = (at: number) => Math.min(high, Math.max(low, place(at)));
        [begin[axis], stride[axis]] = [clamp(start), step];
        dims[axis] = Math.max(0, Math.ceil((clamp(ends![i]!) - begin[axis]!) / step));
      }
      return picked(x, dims, (at) => at.map((n, i) => begin[i]! + n * stride[i]!));
    }
    case "Concat": {
      const axis = (intOf(node, "axis", 0) + rank) % rank;
      const parts = inputs as readonly Known[];
      const dims = x.dims.map((n, i) => (i === axis ? parts.reduce((sum, part) => sum + part.dims[axis]!, 0) : n));
      const values = new Array<number>(sizeOf(dims));
      for (let i = 0; i < values.length; i++) {
        const at = placeOf(i, dims);
        let p = 0;
        for (; at[axis]! >= parts[p]!.dims[axis]!; p++) at[axis]! -= parts[p]!.dims[axis]!;
        values[i] = parts[p]!.values[flat(at, parts[p]!.dims)]!;
      }
      return { dims, values, whole: x.whole };
    }
    case "ReduceProd":
      return { dims: [], values: [Array.from(x.values).reduce((product, n) => product * n, 1)], whole: x.whole };
    default:
      return undefined;
  }
}

/** Weights are matrices, of which there may be many large ones. */
function turned({ dims, values }: Known): Float32Array | number[] {
  const [rows, columns] = dims as [number, number];
  const result = values instanceof Float32Array ? new Float32Array(values.length) : new Array<number>(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!;
  return result;
}

function elementwise({ opType, attribute }: NodeProto, each: Elementwise, inputs: readonly Known[]): Known {
  const dims = broadcastDims(inputs.map((input) => input.dims));
  const to = attribute.find(({ name }) => name === "to")?.i;
  const [a, b = a] = inputs as [Known, Known];
  const castWhole = to !== undefined && to !== 1n && to !== 11n;
  const whole = opType === "Cast" ? castWhole : TRUTHS.test(opType) || (opType === "Where" ? b.whole : a.whole);
  const values = Array.from({ length: sizeOf(dims) }, (_, i) => {
    const at = placeOf(i, dims);
    const [p, q, r] = inputs.map((input) => {
      const own = at.slice(dims.length - input.dims.length).map((n, k) => (input.dims[k] === 1 ? 0 : n));
      return input.values[flat(own, input.dims)]!;
    });
    const value = each(p!, q!, r!);
    return whole ? Math.trunc(value) : value;
  });
  return { dims, values, whole };
}

function constantOfShape({ attribute }: NodeProto, shape: Known): Known {
  const tensor = attribute.find(({ name }) => name === "value")?.t;
  const value = tensor === undefined ? undefined : knownTensor(tensor);
  const dims = Array.from(shape.values);
  const values = new Array<number>(sizeOf(dims)).fill(value?.values[0] ?? 0);
  return { dims, values, whole: value?.whole ?? false };
}

function range([start, limit, delta]: readonly Known[]): Known {
  const [from, to, by] = [start!.values[0]!, limit!.values[0]!, delta!.values[0]!];
  const values = Array.from({ length: Math.max(0, Math.ceil((to - from) / by)) }, (_, i) => from + i * by);
  return { dims: [values.length], values, whole: start!.whole };
}

function picked(x: Known, dims: Dims, from: (at: number[]) => readonly number[]): Known {
  const values = new Array<number>(sizeOf(dims));
  for (let i = 0; i < values.length; i++) values[i] = x.values[flat(from(placeOf(i, dims)), x.dims)]!;
  return { dims, values, whole: x.whole };
}

function broadcastDims(all: readonly Dims[]): number[] {
  const rank = Math.max(...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, i) =>
    all.reduce((size, dims) => {
      const n = dims[i - rank + dims.length] ?? 1;
      return n === 1 ? size : n;
    }, 1),
  );
}

function flat(at: readonly number[], dims: Dims): number {
  return at.reduce((place, n, i) => place * dims[i]! + n, 0);
}

function placeOf(index: number, dims: Dims): number[] {
  const at = new Array<number>(dims.length);
  let rest = index;
  for (let i = dims.length - 1; i >= 0; i--) {
    at[i] = rest % dims[i]!;
    rest = Math.floor(rest / dims[i]!);
  }
  return at;
}
