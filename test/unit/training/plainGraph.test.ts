/** Operators of imported networks, written out: what they give, and their gradients, against their definitions in float64. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { type Attribute, GraphBuilder } from "../../../src/core/onnx/graphBuilder.ts";
import { type Dims, sizeOf } from "../../../src/core/training/attributes.ts";
import { CannotTrainError } from "../../../src/core/training/index.ts";
import { plainGraph } from "../../../src/core/training/network/plain/index.ts";
import { normalised, perRow } from "./attentionCases.ts";
import { add, byTanh, float, gelu, halved, rms, scaled, scores, sigmoid, wide } from "./foreignDefinitions.ts";
import { type Case, elementwise, sum } from "./gradientDefinitions.ts";
import { gradientsOf } from "./gradientGraph.ts";
import { numericGradient, randomNumbers, relativeError } from "./reference.ts";

/** A case whose operator is written in others first. */
function foreign(
  name: string,
  op: string,
  inputs: readonly Dims[],
  plain: Case["plain"],
  attributes: Record<string, Attribute> = {},
  domain?: Case["domain"],
): Case {
  const build: Case["build"] = (graph, names) => {
    const own = new GraphBuilder("foreign", "own/");
    for (const [i, dims] of inputs.entries()) own.input(names[i]!, "float32", dims);
    own.output(own.op("Identity", [own.op(op, names, attributes)], {}, "result"), "float32", []);
    const model = fromBinary(ModelProtoSchema, own.encode());
    plainGraph(model, () => new Map(inputs.map((dims, i) => [names[i]!, dims])), "m.onnx");
    expect(model.graph!.node.map(({ opType }) => opType)).not.toContain(op);
    graph.adopt(model.graph!.node, model.graph!.initializer);
    return "result";
  };
  return { name, inputs, build, plain, ...(domain === undefined ? {} : { domain }) };
}

const rowsOf: readonly Dims[] = [[2, 3, 5], [5]];
const CASES: readonly Case[] = [
  foreign("Gelu", "Gelu", [[3, 4]], elementwise(gelu), {}, wide),
  foreign("Gelu by tanh", "Gelu", [[3, 4]], elementwise(byTanh), { approximate: "tanh" }, wide),
  foreign(
    "FastGelu with a bias",
    "FastGelu",
    [[3, 4], [4]],
    elementwise((x, b) => byTanh(x + b)),
    {},
    wide,
  ),
  foreign(
    "BiasGelu",
    "BiasGelu",
    [[3, 4], [4]],
    elementwise((x, b) => gelu(x + b)),
    {},
    wide,
  ),
  foreign(
    "QuickGelu",
    "QuickGelu",
    [[3, 4]],
    elementwise((x) => x * sigmoid(1.702 * x)),
    {},
    wide,
  ),
  foreign(
    "QuickGelu as SiLU",
    "QuickGelu",
    [[3, 4]],
    elementwise((x) => x * sigmoid(x)),
    { alpha: float(1) },
    wide,
  ),
  foreign(
    "Swish",
    "Swish",
    [[3, 4]],
    elementwise((x) => x * sigmoid(x)),
    {},
    wide,
  ),
  foreign(
    "HardSwish",
    "HardSwish",
    [[3, 4]],
    elementwise((x) => x * Math.min(1, Math.max(0, x / 6 + 0.5))),
    {},
    wide,
  ),
  foreign(
    "HardSigmoid",
    "HardSigmoid",
    [[3, 4]],
    elementwise((x) => Math.min(1, Math.max(0, 0.2 * x + 0.5))),
    {},
    wide,
  ),
  foreign(
    "LeakyRelu",
    "LeakyRelu",
    [[3, 4]],
    elementwise((x) => Math.max(x, x / 4)),
    { alpha: float(0.25) },
  ),
  foreign(
    "Sum",
    "Sum",
    [[2, 3], [3], [2, 1]],
    elementwise((a, b, c) => a + b + c),
  ),
  foreign(
    "Reciprocal",
    "Reciprocal",
    [[3, 4]],
    elementwise((x) => 1 / x),
    {},
    (x) => 1.5 + x,
  ),
  ...["RMSNormalization", "SimplifiedLayerNormalization"].map((op) =>
    foreign(
      op,
      op,
      rowsOf,
      ([x, g]) =>
        scaled(
          perRow(x!.values, 5, (row) => rms(row, 1e-3)),
          g!.values,
        ),
      { epsilon: float(1e-3) },
    ),
  ),
  foreign(
    "SkipLayerNormalization",
    "SkipLayerNormalization",
    [[2, 3, 5], [2, 3, 5], [5], [5], [5]],
    ([x, skip, g, beta, bias]) =>
      scaled(
        perRow(add(add(x!.values, skip!.values), bias!.values), 5, (row) => normalised(row, 1e-3)),
        g!.values,
        beta!.values,
      ),
    { epsilon: float(1e-3) },
  ),
  foreign(
    "SkipSimplifiedLayerNormalization",
    "SkipSimplifiedLayerNormalization",
    [[2, 3, 5], [2, 3, 5], [5]],
    ([x, skip, g]) =>
      scaled(
        perRow(add(x!.values, skip!.values), 5, (row) => rms(row, 1e-3)),
        g!.values,
      ),
    { epsilon: float(1e-3) },
  ),
  foreign(
    "Einsum of queries and keys",
    "Einsum",
    [
      [2, 3, 2, 4],
      [2, 2, 2, 4],
    ],
    scores,
    { equation: "bqhd, bkhd -> bhqk" },
  ),
  foreign(
    "FusedMatMul",
    "FusedMatMul",
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    halved,
    { transB: 1, alpha: float(0.5) },
  ),
  foreign("Squeeze", "Squeeze", [[2, 1, 3, 1]], ([x]) => x!.values),
];

test.each(CASES)("$name: what it gives, and the gradients of all inputs, as in float64", async (given) => {
  const { inputs, domain = (x: number) => x, plain } = given;
  const random = randomNumbers(23);
  const values = inputs.map((dims) => Array.from({ length: sizeOf(dims) }, (_, i) => Math.fround(domain(random(), i))));
  const tensors = (each: readonly (readonly number[])[]) => each.map((v, i) => ({ dims: inputs[i]!, values: v }));
  const expected = plain(tensors(values));
  const weights = expected.map(() => Math.fround(0.1 + random()));
  const { gradients, result } = await gradientsOf(given, values, weights);
  expect(relativeError(result, expected)).toBeLessThan(1e-6);
  for (const [k, { values: gradient, dims }] of gradients.entries()) {
    const f = (x: readonly number[]) =>
      sum(plain(tensors(values.map((v, i) => (i === k ? x : v)))).map((y, i) => y * weights[i]!));
    expect(dims).toEqual([...inputs[k]!]);
    expect(relativeError(gradient, numericGradient(f, values[k]!)), `input ${k}`).toBeLessThan(1e-5);
  }
});

test("a power that is whole is a product, so that its gradient holds below zero too", async () => {
  const build: Case["build"] = (graph, [x]) => {
    const own = new GraphBuilder("foreign", "own/");
    own.input(x!, "float32", [1, 4]);
    own.output(own.op("Identity", [own.op("Pow", [x!, own.scalar(3)])], {}, "result"), "float32", [1, 4]);
    const model = fromBinary(ModelProtoSchema, own.encode());
    plainGraph(model, () => new Map([[x!, [1, 4]]]), "m.onnx");
    graph.adopt(model.graph!.node, model.graph!.initializer);
    return "result";
  };
  const { gradients } = await gradientsOf({ inputs: [[1, 4]], build }, [[-1, -0.5, 0.5, 2]], [1, 1, 1, 1]);
  expect([...gradients[0]!.values]).toEqual([3, 0.75, 0.75, 12]);
});

/** What is left of a graph of one input `[batch, 3, 4]`. */
function left(write: (graph: GraphBuilder, x: string) => string) {
  const graph = new GraphBuilder("foreign", "own/");
  const output = write(graph, graph.input("x", "float32", ["N", 3, 4]));
  graph.output(graph.op("Identity", [output], {}, "result"), "float32", ["N"]);
  const model = fromBinary(ModelProtoSchema, graph.encode());
  plainGraph(model, (batch) => new Map([["x", [batch, 3, 4]]]), "m.onnx");
  return model.graph!;
}

test("arithmetic with sizes is done, and any number of pictures goes through", () => {
  const { node, initializer } = left((graph, x) => {
    const images = graph.op("Gather", [graph.op("Shape", [x]), graph.ints([0])]);
    return graph.op("Reshape", [x, graph.op("Concat", [images, graph.ints([2, 6])], { axis: 0 })]);
  });
  expect(node.map(({ opType }) => opType)).toEqual(["Reshape", "Identity"]);
  const target = initializer.find(({ name }) => name === node[0]!.input[1])!;
  expect([...new BigInt64Array(Uint8Array.from(target.rawData).buffer)]).toEqual([0n, 2n, 6n]);
});

test("sizes are turned round and repeated as exporters do it for a padding", () => {
  const { node, initializer } = left((graph, x) => {
    const pairs = graph.op("Reshape", [graph.ints([1, 2, 0, 0, 0, 0]), graph.ints([-1, 2])]);
    const least = -(2 ** 53);
    const turned = graph.op("Slice", [pairs, graph.ints([-1]), graph.ints([least]), graph.ints([0]), graph.ints([-1])]);
    const sides = graph.op("Reshape", [graph.op("Transpose", [turned], { perm: [1, 0] }), graph.ints([-1])]);
    return graph.op("Pad", [x, sides], {}, "padded");
  });
  const pads = initializer.find(({ name }) => name === node.find(({ opType }) => opType === "Pad")!.input[1])!;
  expect([...new BigInt64Array(Uint8Array.from(pads.rawData).buffer)]).toEqual([0n, 0n, 1n, 0n, 0n, 2n]);
});

test("a norm that is written out becomes one operator", () => {
  const { node } = left((graph, x) => {
    const mean = (value: string) => graph.op("ReduceMean", [value], { axes: [-1], keepdims: 1 });
    const centred = graph.op("Sub", [x, mean(x)]);
    const deviation = graph.op("Sqrt", [
      graph.op("Add", [mean(graph.op("Pow", [centred, graph.scalar(2)])), graph.scalar(1e-6)]),
    ]);
    const four = (value: number) => graph.floats(new Float32Array(4).fill(value), [4]);
    return graph.op("Add", [graph.op("Mul", [graph.op("Div", [centred, deviation]), four(2)]), four(1)]);
  });
  expect(node.map(({ opType }) => opType)).toEqual(["LayerNormalization", "Identity"]);
  expect(node[0]!.attribute.find(({ name }) => name === "epsilon")?.f).toBeCloseTo(1e-6);
});

test("every second value is picked by its place", async () => {
  const build: Case["build"] = (graph, [x]) => {
    const own = new GraphBuilder("foreign", "own/");
    own.input(x!, "float32", [2, 5]);
    const bounds = [
      [1, 0],
      [2, 99],
      [0, -1],
      [1, 2],
    ].map((values) => own.ints(values));
    own.output(own.op("Identity", [own.op("Slice", [x!, ...bounds])], {}, "result"), "float32", [1, 3]);
    const model = fromBinary(ModelProtoSchema, own.encode());
    plainGraph(model, () => new Map([[x!, [2, 5]]]), "m.onnx");
    graph.adopt(model.graph!.node, model.graph!.initializer);
    return "result";
  };
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const { result, gradients } = await gradientsOf({ inputs: [[2, 5]], build }, [values], [1, 2, 3]);
  expect([...result]).toEqual([6, 8, 10]);
  expect([...gradients[0]!.values]).toEqual([0, 0, 0, 0, 0, 1, 0, 2, 0, 3]);
});

test("what cannot be written in other operators is refused by its name", () => {
  const refused = (write: (graph: GraphBuilder, x: string) => string) => expect(() => left(write));
  refused((graph, x) => graph.op("Attention", [x], {}, "net/attended")).toThrow(CannotTrainError);
  refused((graph, x) => graph.op("Attention", [x], {}, "net/attended")).toThrow(
    /m\.onnx cannot be trained .* the operator Attention.* Train a head/,
  );
  refused((graph, x) => graph.op("Cast", [x], { to: 10 }, "net/half")).toThrow(/import the network in float32/);
  refused((graph, x) => graph.op("Einsum", [x, x], { equation: "bij,bij->bi" }, "net/diagonal")).not.toThrow();
  refused((graph, x) => graph.op("Einsum", [x], { equation: "bij->b" }, "net/summed")).toThrow(/operator Einsum/);
});
