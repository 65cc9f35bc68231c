import { type Dims, intOf, intsOf, sizeOf, textOf } from "../../attributes.ts";
import { einsum } from "./einsum.ts";
import { expand, gather, slice, split, squeeze, unsqueeze } from "./places.ts";
import { floatOf, fromFront, given, type Rewrite, result } from "./rewrite.ts";
import type { Writer } from "./writer.ts";

/** x (1 + erf(x / sqrt 2)) / 2, or the one with tanh (Hendrycks and Gimpel 2016). */
function gelu(to: Writer, x: string, byTanh: boolean, output: string): void {
  const times = (a: string, factor: number) => to.op("Mul", [a, to.scalar(factor)]);
  const inner = byTanh ? to.op("Add", [x, times(to.op("Mul", [to.op("Mul", [x, x]), x]), 0.044715)]) : x;
  const bent = byTanh
    ? to.op("Tanh", [times(inner, Math.sqrt(2 / Math.PI))])
    : to.op("Erf", [times(inner, Math.SQRT1_2)]);
  to.op("Mul", [times(x, 0.5), to.op("Add", [bent, to.scalar(1)])], {}, output);
}

const withBias = (to: Writer, [x, bias]: readonly string[]) => (given(bias) ? to.op("Add", [x!, bias]) : x!);

const swish = (alphaName: string, usual: number) =>
  result((to, node, [x], output) => {
    const alpha = floatOf(node, alphaName, usual);
    const bent = alpha === 1 ? x! : to.op("Mul", [x!, to.scalar(alpha)]);
    to.op("Mul", [x!, to.op("Sigmoid", [bent])], {}, output);
  });

function hardSigmoid(to: Writer, x: string, alpha: number, beta: number, output?: string): string {
  const line = to.op("Add", [to.op("Mul", [x, to.scalar(alpha)]), to.scalar(beta)]);
  return to.op("Clip", [line, to.scalar(0), to.scalar(1)], {}, output);
}

/** x / sqrt(mean of x^2 + epsilon), times the scale: no mean is taken away (Zhang and Sennrich 2019). */
function rootMeanSquare(to: Writer, x: string, scale: string, epsilon: number, output: string): void {
  const axis = to.sizes(x)![0].length - 1;
  const mean = to.op("ReduceMean", [to.op("Mul", [x, x])], { axes: [axis], keepdims: 1 });
  const root = to.op("Sqrt", [to.op("Add", [mean, to.scalar(epsilon)])]);
  to.op("Mul", [to.op("Div", [x, root]), scale], {}, output);
}

const rms = result((to, node, [x, scale], output) =>
  rootMeanSquare(to, x!, scale!, floatOf(node, "epsilon", 1e-5), output),
);

/** The sum of a block and a norm behind it in one operator. */
const skipNorm =
  (simplified: boolean): Rewrite =>
  (to, node, inputs) => {
    const [x, skip, gamma, ...rest] = inputs;
    const [beta, bias] = simplified ? [undefined, rest[0]] : rest;
    const sum = to.op("Add", [x!, skip!]);
    const whole = given(bias) ? to.op("Add", [sum, bias]) : sum;
    const epsilon = floatOf(node, "epsilon", 1e-12);
    const [output = "", , , asSum] = node.output;
    if (given(asSum)) to.alias(asSum, whole);
    if (simplified) rootMeanSquare(to, whole, gamma!, epsilon, output);
    else {
      const scaled = [whole, gamma!, ...(given(beta) ? [beta] : [])];
      to.op("LayerNormalization", scaled, { axis: -1, epsilon: { float: epsilon } }, output);
    }
    return true;
  };

/** A whole power is a product: the rule of Pow is for bases above zero. */
const pow: Rewrite = (to, node, [x, exponent]) => {
  const e = to.known(exponent!);
  if (e === undefined || sizeOf(e.dims) !== 1 || ![1, 2, 3, 4].includes(e.values[0]!)) return false;
  let product = x!;
  for (let i = 1; i < e.values[0]!; i++) {
    product = to.op("Mul", [product, x!], {}, i + 1 === e.values[0] ? node.output[0] : undefined);
  }
  if (e.values[0] === 1) to.alias(node.output[0]!, x!);
  return true;
};

/** A norm that is written out, seen at its end: x - mean, over its deviation, times a scale, and a shift. */
const add: Rewrite = (to, node, inputs) => {
  const made = (value: string, type: string) => {
    const found = to.producer(value);
    return found?.opType === type ? found.input : undefined;
  };
  for (const [scaled, shift] of [inputs, [...inputs].reverse()] as [string, string][]) {
    const product = made(scaled, "Mul");
    const [quotient, scale] = product ?? [];
    if (quotient === undefined || to.known(scale!)?.dims.length !== 1 || to.known(shift)?.dims.length !== 1) continue;
    const [centred, root] = made(quotient, "Div") ?? [];
    const [variance, epsilon] = made(made(root ?? "", "Sqrt")?.[0] ?? "", "Add") ?? [];
    const [squared] = made(variance ?? "", "ReduceMean") ?? [];
    const [x, mean] = made(centred ?? "", "Sub") ?? [];
    const small = to.known(epsilon ?? "");
    const squares = made(squared ?? "", "Mul");
    const own = made(mean ?? "", "ReduceMean")?.[0] === x && squares?.every((each) => each === centred);
    if (!own || x === undefined || small === undefined || !isAlongLast(to, variance!) || !isAlongLast(to, mean!))
      continue;
    const attributes = { axis: -1, epsilon: { float: small.values[0]! } };
    to.op("LayerNormalization", [x, scale!, shift], attributes, node.output[0]);
    return true;
  }
  return false;
};

function isAlongLast(to: Writer, mean: string): boolean {
  const node = to.producer(mean)!;
  const rank = to.sizes(node.input[0]!)![0].length;
  const axes = intsOf(node, "axes");
  return axes?.length === 1 && fromFront(axes[0]!, { length: rank } as Dims) === rank - 1;
}

/** Axes are an attribute of these until opset 17, an input from 18 on; of ReduceSum an input from 13 on. */
const reduce: Rewrite = (to, node, [x, second]) => {
  const axes = intsOf(node, "axes") ?? (given(second) ? Array.from(to.known(second)?.values ?? []) : undefined);
  const rank = to.sizes(x!)![0].length;
  const all = (axes ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => (axis < 0 ? axis + rank : axis));
  const keepdims = intOf(node, "keepdims", 1);
  const sum = node.opType === "ReduceSum";
  to.op(node.opType, sum ? [x!, to.ints(all)] : [x!], sum ? { keepdims } : { axes: all, keepdims }, node.output[0]);
  return true;
};

/** Of batch norm with fixed statistics: a factor and a shift per channel. */
const batchNorm: Rewrite = (to, node, inputs) => {
  const [x, ...statistics] = inputs;
  const [scale, shift, mean, variance] = statistics.map((name) => to.known(name));
  if (!scale || !shift || !mean || !variance) return false;
  const epsilon = floatOf(node, "epsilon", 1e-5);
  const shape = [
    scale.dims[0]!,
    ...to
      .sizes(x!)![0]
      .slice(2)
      .map(() => 1),
  ];
  const column = (value: string) => to.reshape(value, [shape, shape]);
  const factor = to.op("Div", [statistics[0]!, to.op("Sqrt", [to.op("Add", [statistics[3]!, to.scalar(epsilon)])])]);
  const moved = to.op("Sub", [statistics[1]!, to.op("Mul", [statistics[2]!, factor])]);
  to.op("Add", [to.op("Mul", [x!, column(factor)]), column(moved)], {}, node.output[0]);
  return true;
};

const fusedMatMul = result((to, node, [a, b], output) => {
  const turn = (value: string, name: string) => {
    if (intOf(node, name, 0) === 0) return value;
    const perm = to.sizes(value)![0].map((_, i) => i);
    return to.op("Transpose", [value], { perm: [...perm.slice(0, -2), perm.length - 1, perm.length - 2] });
  };
  const alpha = floatOf(node, "alpha", 1);
  const product = to.op("MatMul", [turn(a!, "transA"), turn(b!, "transB")], {}, alpha === 1 ? output : undefined);
  if (alpha !== 1) to.op("Mul", [product, to.scalar(alpha)], {}, output);
});

const softmax: Rewrite = (to, node, [x]) => {
  const rank = to.sizes(x!)![0].length;
  const axis = intOf(node, "axis", to.opset < 13 ? 1 : -1);
  // Before 13 everything from the axis on was one row.
  to.op("Softmax", [x!], { axis: (axis + rank) % rank === rank - 1 ? -1 : axis }, node.output[0]);
  return true;
};

const layerNorm: Rewrite = (to, node, inputs) => {
  if (node.output.slice(1).every((name) => name === "")) return false;
  const attributes = { axis: intOf(node, "axis", -1), epsilon: { float: floatOf(node, "epsilon", 1e-5) } };
  to.op("LayerNormalization", inputs, attributes, node.output[0]);
  return true;
};

const same: Rewrite = (to, node, [x]) => {
  to.alias(node.output[0]!, x!);
  return true;
};

/** By operator; those of other sets have names that no default operator has. */
export const REWRITES: Readonly<Record<string, Rewrite>> = {
  Gelu: result((to, node, [x], output) => gelu(to, x!, textOf(node, "approximate") === "tanh", output)),
  BiasGelu: result((to, _, inputs, output) => gelu(to, withBias(to, inputs), false, output)),
  FastGelu: result((to, _, inputs, output) => gelu(to, withBias(to, inputs), true, output)),
  QuickGelu: swish("alpha", 1.702),
  Swish: swish("alpha", 1),
  HardSigmoid: result((to, node, [x], output) => {
    hardSigmoid(to, x!, floatOf(node, "alpha", 0.2), floatOf(node, "beta", 0.5), output);
  }),
  HardSwish: result((to, _, [x], output) => void to.op("Mul", [x!, hardSigmoid(to, x!, 1 / 6, 0.5)], {}, output)),
  LeakyRelu: result((to, node, [x], output) => {
    const rest = to.op("Mul", [x!, to.scalar(floatOf(node, "alpha", 0.01))]);
    to.op("Max", [x!, rest], {}, output);
  }),
  RMSNormalization: rms,
  SimplifiedLayerNormalization: rms,
  SkipLayerNormalization: skipNorm(false),
  SkipSimplifiedLayerNormalization: skipNorm(true),
  LayerNormalization: layerNorm,
  BatchNormalization: batchNorm,
  Softmax: softmax,
  Slice: slice,
  Split: split,
  Gather: gather,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Reshape: result((to, node, [x], output) => void to.reshape(x!, to.sizes(node.output[0]!)!, output)),
  Flatten: result((to, node, [x], output) => void to.reshape(x!, to.sizes(node.output[0]!)!, output)),
  Expand: expand,
  Pow: pow,
  Add: add,
  Einsum: einsum,
  FusedMatMul: fusedMatMul,
  Sum: result((to, _, inputs, output) => {
    const [first, ...others] = inputs;
    const last = others.pop();
    if (last === undefined) return to.alias(output, first!);
    to.op("Add", [others.reduce((sum, each) => to.op("Add", [sum, each]), first!), last], {}, output);
  }),
  Reciprocal: result((to, _, [x], output) => void to.op("Div", [to.scalar(1), x!], {}, output)),
  Dropout: same,
  ...Object.fromEntries(
    ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2"].map((name) => [name, reduce] as const),
  ),
};
