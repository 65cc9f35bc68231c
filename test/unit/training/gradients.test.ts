import { expect, test } from "vitest";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { type Dims, sizeOf } from "../../../src/core/training/attributes.ts";
import { differentiate } from "../../../src/core/training/differentiate.ts";
import { CannotTrainError } from "../../../src/core/training/index.ts";
import { ATTENTION } from "./attentionCases.ts";
import { CASES, POOLED } from "./gradientCases.ts";
import { type Case, sum } from "./gradientDefinitions.ts";
import { gradientsOf } from "./gradientGraph.ts";
import { numericGradient, randomNumbers, relativeError } from "./reference.ts";

test.each([...CASES, ...POOLED, ...ATTENTION])("$name: the gradients of all inputs as in float64", async (given) => {
  const { inputs, domain = (x: number) => x, plain } = given;
  const random = randomNumbers(17);
  // Rounded to float32 first, so that both compute with the same numbers.
  const values = inputs.map((dims) => Array.from({ length: sizeOf(dims) }, (_, i) => Math.fround(domain(random(), i))));
  const tensors = (flatValues: readonly (readonly number[])[]) =>
    flatValues.map((v, i) => ({ dims: inputs[i]!, values: v }));
  const weights = plain(tensors(values)).map(() => Math.fround(0.1 + random()));
  const { gradients } = await gradientsOf(given, values, weights);
  for (const [k, { values: gradient, dims }] of gradients.entries()) {
    const f = (x: readonly number[]) => {
      const result = plain(tensors(values.map((v, i) => (i === k ? x : v))));
      return sum(result.map((y, i) => y * weights[i]!));
    };
    const expected = numericGradient(f, values[k]!);
    expect(dims).toEqual([...inputs[k]!]);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(relativeError(gradient, expected), `input ${k}`).toBeLessThan(5e-6);
  }
});

test("several equal maxima share the gradient", async () => {
  const build: Case["build"] = (graph, [x]) => graph.op("GlobalMaxPool", [x!]);
  const { gradients } = await gradientsOf({ inputs: [[1, 1, 2, 2]], build }, [[3, 1, 3, 0]], [2]);
  expect([...gradients[0]!.values]).toEqual([1, 0, 1, 0]);
});

test.each([
  ["the root of zero", "Sqrt", []],
  ["the norm of zeros", "ReduceL2", []],
  ["a power of zero", "Pow", [1 / 3]],
] as const)("%s has a finite gradient", async (_, op, exponents) => {
  const build: Case["build"] = (graph, [x]) => graph.op(op, [x!, ...exponents.map((e) => graph.scalar(e))]);
  const weights = op === "ReduceL2" ? [1] : [1, 1, 1];
  const { gradients } = await gradientsOf({ inputs: [[1, 3]], build }, [[0, 0, 0]], weights);
  expect(gradients[0]!.values.every(Number.isFinite)).toBe(true);
});

test("an operator outside the list is named, with its model and the way out", () => {
  const graph = new GraphBuilder("g");
  const x = graph.input("x", "float32", [2, 3]);
  const loss = graph.op("ReduceSum", [graph.op("Softplus", [x])], { keepdims: 0 });
  const attempt = () =>
    differentiate(graph, { loss, parameters: new Map([["x", [2, 3]]]), inputs: new Map(), model: "a.onnx" });
  expect(attempt).toThrow(CannotTrainError);
  expect(attempt).toThrow(/a\.onnx cannot be trained .* operator Softplus.* Train a head/);
});

test.each([
  ["Softmax", (graph, x) => graph.op("Softmax", [x], { axis: 0 }), /Softmax, along axis 0 of 2/],
  [
    "MatMul",
    (graph, x) => graph.op("MatMul", [x, graph.floats(Float32Array.of(1, 2, 3), [3])]),
    /MatMul, in a form that is not known/,
  ],
  [
    "Pad",
    (graph, x) => graph.op("Pad", [x, graph.ints([1, 0, 0, 0])], { mode: "reflect" }),
    /Pad, in a form that is not known/,
  ],
  [
    "Slice",
    (graph, x) => graph.op("Slice", [x, graph.ints([0]), graph.ints([3]), graph.ints([1]), graph.ints([2])]),
    /Slice, in a form that is not known/,
  ],
] as const satisfies readonly (readonly [string, (graph: GraphBuilder, x: string) => string, RegExp])[])(
  "%s in a form that has no rule is refused, not guessed",
  (_, build, message) => {
    const graph = new GraphBuilder("g");
    const x = graph.input("x", "float32", [2, 3]);
    const loss = graph.op("ReduceSum", [build(graph, x)], { keepdims: 0 });
    const parameters = new Map<string, Dims>([["x", [2, 3]]]);
    expect(() => differentiate(graph, { loss, parameters, inputs: new Map(), model: "a.onnx" })).toThrow(message);
  },
);

test("a frozen part gets no gradient nodes", () => {
  const nodesFor = (trained: readonly string[]) => {
    const graph = new GraphBuilder("g");
    const sizes = new Map<string, Dims>([
      ["x", [2, 2]],
      ["w", [2, 2]],
    ]);
    for (const [name, dims] of sizes) graph.input(name, "float32", dims);
    const product = graph.op("Mul", [graph.op("Exp", [graph.op("Exp", ["x"])]), "w"]);
    const loss = graph.op("ReduceSum", [product], { keepdims: 0 });
    const before = graph.parts().nodes.length;
    const part = (of: boolean) => new Map([...sizes].filter(([name]) => trained.includes(name) === of));
    const gradients = differentiate(graph, { loss, parameters: part(true), inputs: part(false), model: "m" });
    expect([...gradients.keys()].sort()).toEqual(trained);
    return graph.parts().nodes.length - before;
  };
  expect(nodesFor([])).toBe(0);
  // The sum's gradient, repeated, and times the other factor; for x twice more.
  expect(nodesFor(["w"])).toBe(3);
  expect(nodesFor(["w", "x"])).toBe(6);
});
