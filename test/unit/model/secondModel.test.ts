import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { expect, test } from "vitest";
import { readTfliteGraph } from "../../../src/core/model/backbones/tfliteGraph.ts";
import {
  buildSecondModel,
  fingerprint,
  joinModels,
  ModelError,
  readManifest,
  toFloat32,
} from "../../../src/core/model/index.ts";
import { buildSecondInt8, withByteWeights } from "../../../src/core/quantize/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

function packed(): Uint8Array {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("@mediapipe/objectron/package.json"));
  return readFileSync(join(folder, "objectron_solution_packed_assets.data"));
}

async function run(model: Uint8Array, pixels: Uint8Array, side: number) {
  const session = await InferenceSession.create(model);
  const image = new Tensor("uint8", pixels, [pixels.length / (3 * side * side), side, side, 3]);
  const outputs = await session.run({ image });
  await session.release();
  return outputs;
}

/** Something with edges, areas and colours, as pictures have them. */
async function photograph(): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="224" height="224"><linearGradient id="g" y2="1"><stop stop-color="#9cf"/>
    <stop offset="1" stop-color="#464"/></linearGradient><rect width="224" height="224" fill="url(#g)"/>
    <circle cx="120" cy="90" r="50" fill="#d83"/><path d="M20 200L90 60l50 130z" fill="#333" stroke="#fff" stroke-width="5"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

function cosine(a: Tensor, b: Tensor): number {
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

const noise = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * i * 7 + 13 * i) % 256);

test("the graph of a TensorFlow Lite file: operators, strides, shapes and constants", () => {
  const { ops, tensors, inputs } = readTfliteGraph(packed().subarray(184), "packed");
  const count = (kind: string) => ops.filter((op) => op.kind === kind).length;
  expect([count("Conv"), count("Depthwise"), count("Add"), count("Dequantize")]).toEqual([55, 17, 10, 144]);
  expect(tensors[inputs[0]!]!.shape).toEqual([1, 300, 300, 3]);
  const first = ops.find(({ kind }) => kind === "Conv")!;
  expect(first).toMatchObject({ strides: [2, 2], same: true, relu6: true });
  expect(tensors[first.outputs[0]!]!.shape).toEqual([1, 150, 150, 32]);
  const widened = ops.find(({ outputs }) => outputs[0] === first.inputs[1])!;
  const weights = tensors[widened.inputs[0]!]!;
  expect(weights.shape).toEqual([32, 3, 3, 3]);
  expect(weights.values).toHaveLength(32 * 27);
  expect(weights.values!.every(Number.isFinite)).toBe(true);
  expect(() => readTfliteGraph(packed(), "packed")).toThrow("packed is not a TensorFlow Lite file.");
});

test("the second network: two branches of norm 1, maps within ReLU6; what finds boxes is left out", async () => {
  const model = buildSecondModel();
  expect(readManifest(model, "second")).toMatchObject({ weights: { licence: "Apache-2.0" }, training: null });
  const outputs = await run(model, noise(2 * 224 * 224 * 3), 224);
  for (const name of ["gem", "gem_2"]) {
    const values = outputs[name]!.data as Float32Array;
    expect(outputs[name]!.dims).toEqual([2, 960]);
    for (const image of [0, 1]) {
      expect(Math.hypot(...values.subarray(image * 960, (image + 1) * 960))).toBeCloseTo(1, 5);
    }
  }
  for (const name of ["features_0", "features_1"]) {
    const map = outputs[name]!.data as Float32Array;
    expect(outputs[name]!.dims).toEqual([2, 960, 7, 7]);
    expect(map.every((value) => value >= 0 && value <= 6)).toBe(true);
    expect(map.some((value) => value > 0)).toBe(true);
  }
  // A stem, a block of two, fourteen of three, and one more.
  const { node } = fromBinary(ModelProtoSchema, model).graph!;
  expect(node.filter(({ opType }) => opType === "Conv")).toHaveLength(46);
});

test("the forms in which the second network is kept: small, and close to it", async () => {
  const model = buildSecondModel();
  const kept = withByteWeights(model, "second");
  const int8 = await buildSecondInt8(kept);
  expect(kept.length).toBeLessThan(1.3e6);
  expect(int8.length).toBeLessThan(1.5e6);
  expect(readManifest(int8, "int8")).toMatchObject({ precision: "int8", quantization: { source: fingerprint(kept) } });
  const pixels = await photograph();
  const exact = await run(model, pixels, 224);
  const forms = [
    [await run(kept, pixels, 224), 0.999],
    [await run(int8, pixels, 224), 0.99],
  ] as const;
  for (const [outputs, least] of forms) {
    for (const name of ["gem", "gem_2"]) expect(cosine(outputs[name]!, exact[name]!)).toBeGreaterThan(least);
  }
  // A writer of graphs sees the same weights.
  const plain = await run(toFloat32(kept, "second"), pixels, 224);
  for (const name of ["gem", "gem_2"]) expect(cosine(plain[name]!, forms[0][0][name]!)).toBeGreaterThan(1 - 1e-6);
  expect(readManifest(toFloat32(kept, "second"), "plain").precision).toBeUndefined();
});

test("two models become one: each branch as it was, with names of their own", async () => {
  const joined = joinModels(tinyModel("one", "SG"), tinyModel("two", "GM"), ["one", "two"]);
  const manifest = readManifest(joined, "joined");
  expect(manifest.descriptors.map(({ name, tap }) => [name, tap])).toEqual([
    ["spoc", 0],
    ["gem", 0],
    ["gem_2", 1],
    ["mac", 1],
  ]);
  expect(manifest.second).toEqual(["gem_2", "mac"]);
  const pixels = noise(3 * 48);
  const [both, one, two] = [
    await run(joined, pixels, 4),
    await run(tinyModel("one", "SG"), pixels, 4),
    await run(tinyModel("two", "GM"), pixels, 4),
  ];
  expect(Object.keys(both)).toEqual(["spoc", "gem", "gem_2", "mac", "combined", "features_0", "features_1"]);
  for (const [name, same] of [
    ["spoc", one["spoc"]],
    ["gem", one["gem"]],
    ["gem_2", two["gem"]],
    ["mac", two["mac"]],
    ["features_1", two["features"]],
  ] as const) {
    expect(both[name]!.data, name).toEqual(same!.data);
  }
  expect(both["combined"]!.dims).toEqual([3, 12]);
});

test("models that see pictures in different ways are not joined", () => {
  expect(() => joinModels(tinyModel("one", "S", 4), tinyModel("two", "S", 8), ["one", "two"])).toThrow(ModelError);
});
