import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { buildDefaultModel, readManifest } from "../../../src/core/model/index.ts";

const SIDE = 224;
const POSITIONS = 49;
/** Feature maps by output: the original's node, and its channels. */
const MAPS = {
  features_0: { node: "expanded_conv_14/expand/Relu6", channels: 1344 },
  features_1: { node: "expanded_conv_15/expand/Relu6", channels: 1344 },
  features_2: { node: "Conv_1/Relu6", channels: 1792 },
} as const;
const BRANCHES = [
  { name: "spoc", map: "features_1", dim: 1344 },
  { name: "mac", map: "features_2", dim: 1792 },
  { name: "gem", map: "features_0", dim: 1344 },
] as const;
type Name = (typeof BRANCHES)[number]["name"];

type Outputs = Record<string, Float32Array>;

let model: Uint8Array;
let session: InferenceSession;
/** Four different pictures, `[4, 224, 224, 3]`. */
let pixels: Uint8Array;
let outputs: Outputs;

beforeAll(async () => {
  model = buildDefaultModel();
  session = await InferenceSession.create(model);
  pixels = Buffer.concat(await Promise.all([0, 1, 2, 3].map(picture)));
  outputs = await run(pixels, 4);
}, 60_000);

/** A picture with edges, gradients and noise, so that every part of the network has something to do. */
async function picture(seed: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">
    <defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${seed * 80},80%,60%)"/><stop offset="1" stop-color="#123"/></linearGradient>
    <filter id="n"><feTurbulence baseFrequency="0.0${seed + 3}" numOctaves="3" seed="${seed}"/></filter></defs>
    <rect width="224" height="224" fill="url(#g)"/><rect width="224" height="224" filter="url(#n)" opacity="0.6"/>
    <circle cx="${60 + seed * 30}" cy="110" r="${30 + seed * 8}" fill="#fd2" stroke="#222" stroke-width="6"/></svg>`;
  return sharp(Buffer.from(svg)).flatten().removeAlpha().raw().toBuffer();
}

async function run(image: Uint8Array, count: number): Promise<Outputs> {
  const result = await session.run({ image: new Tensor("uint8", image, [count, SIDE, SIDE, 3]) });
  return Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The original network in TensorFlow.js, independent of our conversion: NHWC feature maps of one picture, `[49, C]` each. */
async function original(image: Uint8Array): Promise<Outputs> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("nsfwjs")), "..", "models", "mobilenet_v2_mid");
  const json = require(join(folder, "model.min.js"));
  const shards = ["group1-shard1of2", "group1-shard2of2"].map((name) =>
    Buffer.from(require(join(folder, `${name}.min.js`)), "base64"),
  );
  const weights = Uint8Array.from(Buffer.concat(shards)).buffer;
  const weightSpecs = json.weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights);
  const graph = await tf.loadGraphModel(
    tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData: weights }),
  );
  const names: string[] = json.modelTopology.node.map((node: { name: string }) => node.name);
  const input = tf.tensor4d(
    Float32Array.from(image, (byte) => byte / 255),
    [1, SIDE, SIDE, 3],
  );
  const maps: Outputs = {};
  for (const [output, { node }] of Object.entries(MAPS)) {
    const map = graph.execute(input, names.find((name) => name.endsWith(`/${node}`))!) as tf.Tensor;
    maps[output] = (await map.data()) as Float32Array;
  }
  return maps;
}

test("the feature maps agree with the original network in TensorFlow.js", async () => {
  const maps = await original(pixels.subarray(0, SIDE * SIDE * 3));
  for (const [output, { channels }] of Object.entries(MAPS)) {
    const expected = maps[output]!;
    const features = outputs[output]!.subarray(0, channels * POSITIONS);
    let worst = 0;
    let mean = 0;
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < POSITIONS; i++) {
        worst = Math.max(worst, Math.abs(features[c * POSITIONS + i]! - expected[i * channels + c]!));
        mean += expected[i * channels + c]! / (channels * POSITIONS);
      }
    }
    const difference = worst.toExponential(1);
    console.log(`${output}: max abs difference to TensorFlow.js ${difference} (mean value ${mean.toFixed(3)})`);
    expect(mean).toBeGreaterThan(0.01);
    expect(worst).toBeLessThan(1e-3);
  }
}, 120_000);

/** The branches by their definitions, in float64. */
function pool(map: Float32Array, name: Name): number[] {
  const pooled = Array.from({ length: map.length / POSITIONS }, (_, c) => {
    const values = Array.from(map.subarray(c * POSITIONS, (c + 1) * POSITIONS));
    if (name === "spoc") return values.reduce((sum, x) => sum + x, 0) / POSITIONS;
    if (name === "mac") return Math.max(...values);
    return (values.reduce((sum, x) => sum + x ** 3, 0) / POSITIONS) ** (1 / 3);
  });
  const norm = Math.sqrt(pooled.reduce((sum, x) => sum + x * x, 0));
  return pooled.map((x) => x / norm);
}

test.each(BRANCHES)("$name agrees with plain arithmetic on its feature map", ({ name, map, dim }) => {
  let worst = 0;
  for (let n = 0; n < 4; n++) {
    const features = outputs[map]!.subarray(n * dim * POSITIONS, (n + 1) * dim * POSITIONS);
    const expected = pool(features, name);
    for (const [c, x] of expected.entries()) worst = Math.max(worst, Math.abs(x - outputs[name]![n * dim + c]!));
  }
  console.log(`${name}: max abs difference to plain arithmetic ${worst.toExponential(1)}`);
  expect(worst).toBeLessThan(1e-5);
});

test("combined is the concatenation of the branches at norm 1, and its cosine the mean of theirs", () => {
  const row = (name: string, n: number, dim: number) => outputs[name]!.subarray(n * dim, (n + 1) * dim);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  for (let n = 0; n < 4; n++) {
    const concatenated = BRANCHES.flatMap(({ name, dim }) => [...row(name, n, dim)]).map((x) => x / Math.sqrt(3));
    const total = concatenated.length;
    const combined = row("combined", n, total);
    for (const [i, x] of concatenated.entries()) expect(Math.abs(combined[i]! - x)).toBeLessThan(1e-6);
    const cosine = dot(row("combined", 0, total), combined);
    const mean = BRANCHES.reduce((sum, { name, dim }) => sum + dot(row(name, 0, dim), row(name, n, dim)) / 3, 0);
    expect(cosine).toBeCloseTo(mean, 5);
    for (const { name, dim } of BRANCHES) expect(dot(row(name, n, dim), row(name, n, dim))).toBeCloseTo(1, 5);
  }
});

test("a picture gives the same embedding alone and in a batch", async () => {
  const alone = await run(pixels.subarray(2 * SIDE * SIDE * 3, 3 * SIDE * SIDE * 3), 1);
  for (const { name, dim } of BRANCHES) {
    const batched = outputs[name]!.subarray(2 * dim, 3 * dim);
    for (const [i, x] of alone[name]!.entries()) expect(Math.abs(x - batched[i]!)).toBeLessThan(1e-6);
  }
});

test("building twice gives the same bytes, and the manifest says what the graph does", () => {
  expect(Buffer.from(buildDefaultModel()).equals(model)).toBe(true);
  const manifest = readManifest(model, "model.onnx");
  expect(manifest.descriptors.map(({ name, kind, dim }) => ({ name, kind, dim }))).toEqual([
    { name: "spoc", kind: "SPoC", dim: 1344 },
    { name: "mac", kind: "MAC", dim: 1792 },
    { name: "gem", kind: "GeM", dim: 1344 },
  ]);
  expect(manifest.weights).toMatchObject({ version: "4.4.0", licence: "MIT" });
  expect(session.outputNames).toEqual(["spoc", "mac", "gem", "combined", ...Object.keys(MAPS)]);
});
