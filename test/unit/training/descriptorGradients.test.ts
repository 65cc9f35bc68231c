import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { addDescriptor, type DescriptorSpec } from "../../../src/core/model/descriptors/index.ts";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { differentiate } from "../../../src/core/training/differentiate.ts";
import * as reference from "../model/reference.ts";
import { numericGradient, randomNumbers, relativeError } from "./reference.ts";

const [C, H, W] = [4, 5, 5];
const random = randomNumbers(5);
const floats = (n: number, scale = 1) => Float32Array.from({ length: n }, () => scale * random());
/** A map as a ReLU leaves it, away from its kink: some values are zero. */
const VALUES = Float32Array.from({ length: C * H * W }, () => Math.max(0, random() + 0.3)).map((x) =>
  x < 0.02 ? 0 : x,
);
const MLP = {
  reduce: { weights: floats(C * 3), bias: floats(3).map(Math.abs) },
  expand: { weights: floats(3 * C), bias: floats(C) },
};
const SPATIAL = { weights: floats(98, 0.3), bias: 0.2 };
const WGEM = { weights: floats(C, 0.5), bias: 0.25 };
const P = [3, 3, 3, 3];

const CASES: readonly [string, DescriptorSpec, (map: reference.FeatureMap) => number[]][] = [
  ["SPoC", { kind: "SPoC" }, reference.spoc],
  ["MAC", { kind: "MAC" }, reference.mac],
  ["GeM", { kind: "GeM" }, (map) => reference.gem(map, P)],
  ["CroW", { kind: "CroW" }, reference.crow],
  ["wGeM", { kind: "wGeM", spatial: WGEM }, (map) => reference.wgem(map, P, [...WGEM.weights], WGEM.bias)],
  [
    "R-MAC",
    { kind: "RMAC", levels: 2 },
    (map) =>
      reference.rmac(map, [
        [0, 0, 5],
        [0, 0, 3],
        [0, 2, 3],
        [2, 0, 3],
        [2, 2, 3],
      ]),
  ],
  [
    "SE and SPoC",
    { kind: "SPoC", attention: { kind: "SE", mlp: MLP } },
    (map) => reference.spoc(reference.squeezeExcitation(map, MLP)),
  ],
  [
    "CBAM and SPoC",
    { kind: "SPoC", attention: { kind: "CBAM", mlp: MLP, spatial: SPATIAL } },
    (map) => reference.spoc(reference.cbam(map, MLP, SPATIAL.weights, SPATIAL.bias)),
  ],
];

test.each(CASES)("%s: the gradient of the feature map as in float64", async (_, spec, pool) => {
  const graph = new GraphBuilder("descriptor");
  const input = graph.input("map", "float32", [1, C, H, W]);
  const pooled = addDescriptor(graph, spec, input, { name: "map", channels: C, height: H, width: W });
  const weights = Float32Array.of(0.7, -0.4, 1.1, 0.3);
  const weighted = graph.op("Mul", [pooled, graph.floats(weights, [1, C])]);
  const loss = graph.op("ReduceSum", [weighted], { keepdims: 0 });
  const parameters = new Map([[input, [1, C, H, W]]]);
  const gradients = differentiate(graph, { loss, parameters, inputs: new Map(), model: "m" });
  graph.op("Identity", [gradients.get(input)!], {}, "gradient");
  graph.output("gradient", "float32", [1, C, H, W]);
  const session = await InferenceSession.create(graph.encode(), { intraOpNumThreads: 1 });
  const { gradient } = await session.run({ map: new Tensor("float32", VALUES, [1, C, H, W]) });
  await session.release();

  const f = (values: readonly number[]) => {
    const map = Array.from({ length: C }, (_, c) =>
      Array.from({ length: H }, (_, y) => values.slice((c * H + y) * W, (c * H + y + 1) * W)),
    );
    return pool(map).reduce((sum, x, c) => sum + x * weights[c]!, 0);
  };
  const expected = numericGradient(f, [...VALUES]);
  // At zero GeM and CroW have a kink, where one-sided derivatives differ; everywhere else they must agree.
  const smooth = [...VALUES.keys()].filter((i) => VALUES[i]! > 0);
  const actual = gradient!.data as Float32Array;
  expect(actual.every(Number.isFinite)).toBe(true);
  expect(
    relativeError(
      smooth.map((i) => actual[i]!),
      smooth.map((i) => expected[i]!),
    ),
  ).toBeLessThan(2e-5);
});
