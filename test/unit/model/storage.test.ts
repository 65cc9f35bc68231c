import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ModelProtoSchema, TensorProto_DataType } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import {
  type BranchSpec,
  buildDefaultModel,
  buildModel,
  compactModel,
  ModelError,
  readManifest,
  toFloat16,
  toPalette,
} from "../../../src/core/model/index.ts";
import { noise } from "../quantize/smallNet.ts";
import { PIXELS } from "./pixelsBackbone.ts";

const BRANCHES: readonly BranchSpec[] = [{ kind: "SPoC" }, { kind: "MAC" }];
const CHANNELS = 400;

/** A model whose feature map is a 1 x 1 convolution of the pixels: 1,200 weights. */
function modelWith(weights: Float32Array): Uint8Array {
  const backbone = {
    ...PIXELS,
    backbone: { ...PIXELS.backbone, taps: [{ name: "conv", channels: CHANNELS, height: 4, width: 4 }] },
    addTo: (...[graph, pixels]: Parameters<typeof PIXELS.addTo>) => [
      graph.op("Conv", [pixels, graph.floats(weights, [CHANNELS, 3, 1, 1])]),
    ],
  };
  return buildModel({ name: "weights", backbone, branches: BRANCHES });
}

async function run(model: Uint8Array, side: number, pixels: Uint8Array): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(model);
  const outputs = await session.run({ image: new Tensor("uint8", pixels, [1, side, side, 3]) });
  await session.release();
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

const bits = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const types = (model: Uint8Array) => fromBinary(ModelProtoSchema, model).graph!.initializer.map((t) => t.dataType);

let float32: Uint8Array;
let picture: Uint8Array;
let exact: Record<string, Float32Array>;

beforeAll(async () => {
  float32 = buildDefaultModel();
  const next = noise(7);
  picture = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => 128 + 60 * Math.sin(i / 500) + 60 * next());
  exact = await run(float32, 224, picture);
});

test("the default model's file has a byte per weight, and gives the same numbers bit by bit", async () => {
  const file = readFileSync(ensureDefaultModel());
  console.log(
    `default model: ${(float32.length / 1e6).toFixed(2)} MB in float32, ${(file.length / 1e6).toFixed(2)} MB`,
  );
  expect(file.length).toBeLessThan(0.27 * float32.length);
  expect(readManifest(file, "default")).toEqual(readManifest(float32, "float32"));
  const outputs = await run(file, 224, picture);
  for (const [name, values] of Object.entries(exact)) expect(bits(outputs[name]!).equals(bits(values))).toBe(true);
});

test("float16 halves the default model and keeps its embeddings", async () => {
  const half = toFloat16(float32, "default");
  const outputs = await run(half, 224, picture);
  const worst = exact["features_2"]!.reduce((w, x, i) => Math.max(w, Math.abs(x - outputs["features_2"]![i]!)), 0);
  const cosine = exact["combined"]!.reduce((sum, x, i) => sum + x * outputs["combined"]![i]!, 0);
  console.log(`float16: feature map differs by ${worst.toExponential(1)} at most, cosine ${cosine.toFixed(6)}`);
  expect(half.length).toBeLessThan(0.51 * float32.length);
  expect(worst).toBeGreaterThan(0);
  expect(cosine).toBeGreaterThan(0.9999);
  expect(readManifest(half, "half")).toEqual({ ...readManifest(float32, "float32"), precision: "float16" });
});

test("any weights of at most 256 values come back from a palette bit by bit", async () => {
  const values = fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 256 });
  const pixels = Uint8Array.from({ length: 48 }, (_, i) => 5 * i);
  await fc.assert(
    fc.asyncProperty(values, fc.integer(), async (palette, seed) => {
      const next = noise(seed);
      const pick = () => palette[Math.floor((Math.abs(next()) % 1) * palette.length)]!;
      const model = modelWith(Float32Array.from({ length: 3 * CHANNELS }, pick));
      const small = toPalette(model, "m");
      expect(types(small)).toContain(TensorProto_DataType.UINT8);
      const [before, after] = [await run(model, 4, pixels), await run(small, 4, pixels)];
      for (const name of ["features", "combined"]) expect(bits(after[name]!).equals(bits(before[name]!))).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("weights of more values become float16, within 2^-11 of each", () => {
  const next = noise(3);
  const weights = Float32Array.from({ length: 3 * CHANNELS }, next);
  const compact = compactModel(modelWith(weights), "m");
  expect(types(compact)).not.toContain(TensorProto_DataType.UINT8);
  const { rawData } = fromBinary(ModelProtoSchema, compact).graph!.initializer.find(
    ({ dataType }) => dataType === TensorProto_DataType.FLOAT16,
  )!;
  expect(rawData).toHaveLength(2 * weights.length);
  for (const [i, value] of weights.entries()) {
    const half = halfValue(rawData[2 * i]! | (rawData[2 * i + 1]! << 8));
    expect(Math.abs(half - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
  }
});

/** A float16 from its bits, by IEEE 754; infinities and NaN do not occur here. */
function halfValue(half: number): number {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

test("what float16 cannot hold, and small constants, stay float32", () => {
  const next = noise(3);
  const large = modelWith(Float32Array.from({ length: 3 * CHANNELS }, () => 1e5 * next()));
  expect(toFloat16(large, "m")).toBe(large);
  const none = buildModel({ name: "none", backbone: PIXELS, branches: BRANCHES });
  expect(compactModel(none, "m")).toBe(none);
});

test("a second time changes nothing, and a text file is named", () => {
  const small = compactModel(float32, "default");
  expect(Buffer.from(compactModel(small, "default")).equals(small)).toBe(true);
  const text = new TextEncoder().encode("this is a text file that someone renamed");
  expect(() => compactModel(text, "text.onnx")).toThrow(ModelError);
  expect(() => compactModel(text, "text.onnx")).toThrow(/text\.onnx is not an ONNX file/);
});
