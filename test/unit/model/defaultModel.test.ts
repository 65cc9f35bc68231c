import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { buildDefaultModel, readManifest } from "../../../src/core/model/index.ts";

const SIDE = 224;
const C = 1792;
const POSITIONS = 49;
const BRANCHES = ["spoc", "mac", "gem"] as const;

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

/** The original network in TensorFlow.js, independent of our conversion: NHWC feature map of one picture, `[49, C]`. */
async function original(image: Uint8Array): Promise<Float32Array> {
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
  const last = json.modelTopology.node.find((node: { name: string }) => node.name.endsWith("/Conv_1/Relu6")).name;
  const input = tf.tensor4d(
    Float32Array.from(image, (byte) => byte / 255),
    [1, SIDE, SIDE, 3],
  );
  const map = graph.execute(input, last) as tf.Tensor;
  return (await map.data()) as Float32Array;
}

test("the feature map agrees with the original network in TensorFlow.js", async () => {
  const first = pixels.subarray(0, SIDE * SIDE * 3);
  const expected = await original(first);
  const features = outputs["features"]!.subarray(0, C * POSITIONS);
  let worst = 0;
  let mean = 0;
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < POSITIONS; i++) {
      worst = Math.max(worst, Math.abs(features[c * POSITIONS + i]! - expected[i * C + c]!));
      mean += expected[i * C + c]! / (C * POSITIONS);
    }
  }
  console.log(
    `feature map: max abs difference to TensorFlow.js ${worst.toExponential(1)} (mean value ${mean.toFixed(3)})`,
  );
  expect(mean).toBeGreaterThan(0.01);
  expect(worst).toBeLessThan(1e-3);
}, 120_000);

/** The branches by their definitions, in float64. */
function pool(map: Float32Array, kind: (typeof BRANCHES)[number]): number[] {
  const pooled = Array.from({ length: C }, (_, c) => {
    const values = Array.from(map.subarray(c * POSITIONS, (c + 1) * POSITIONS));
    if (kind === "spoc") return values.reduce((sum, x) => sum + x, 0) / POSITIONS;
    if (kind === "mac") return Math.max(...values);
    return (values.reduce((sum, x) => sum + x ** 3, 0) / POSITIONS) ** (1 / 3);
  });
  const norm = Math.sqrt(pooled.reduce((sum, x) => sum + x * x, 0));
  return pooled.map((x) => x / norm);
}

test.each(BRANCHES)("%s agrees with plain arithmetic on the feature map", (kind) => {
  let worst = 0;
  for (let n = 0; n < 4; n++) {
    const map = outputs["features"]!.subarray(n * C * POSITIONS, (n + 1) * C * POSITIONS);
    for (const [c, x] of pool(map, kind).entries()) worst = Math.max(worst, Math.abs(x - outputs[kind]![n * C + c]!));
  }
  console.log(`${kind}: max abs difference to plain arithmetic ${worst.toExponential(1)}`);
  expect(worst).toBeLessThan(1e-5);
});

test("combined is the concatenation of the branches at norm 1, and its cosine the mean of theirs", () => {
  const row = (name: string, n: number, dim: number) => outputs[name]!.subarray(n * dim, (n + 1) * dim);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  for (let n = 0; n < 4; n++) {
    const concatenated = BRANCHES.flatMap((kind) => [...row(kind, n, C)]).map((x) => x / Math.sqrt(3));
    const combined = row("combined", n, 3 * C);
    for (const [i, x] of concatenated.entries()) expect(Math.abs(combined[i]! - x)).toBeLessThan(1e-6);
    const cosine = dot(row("combined", 0, 3 * C), combined);
    const mean = BRANCHES.reduce((sum, kind) => sum + dot(row(kind, 0, C), row(kind, n, C)) / 3, 0);
    expect(cosine).toBeCloseTo(mean, 5);
    for (const kind of BRANCHES) expect(dot(row(kind, n, C), row(kind, n, C))).toBeCloseTo(1, 5);
  }
});

test("a picture gives the same embedding alone and in a batch", async () => {
  const alone = await run(pixels.subarray(2 * SIDE * SIDE * 3, 3 * SIDE * SIDE * 3), 1);
  for (const kind of BRANCHES) {
    const batched = outputs[kind]!.subarray(2 * C, 3 * C);
    for (const [i, x] of alone[kind]!.entries()) expect(Math.abs(x - batched[i]!)).toBeLessThan(1e-6);
  }
});

test("building twice gives the same bytes, and the manifest says what the graph does", () => {
  expect(Buffer.from(buildDefaultModel()).equals(model)).toBe(true);
  const manifest = readManifest(model, "model.onnx");
  expect(manifest.descriptors.map(({ name, kind, dim }) => ({ name, kind, dim }))).toEqual([
    { name: "spoc", kind: "SPoC", dim: C },
    { name: "mac", kind: "MAC", dim: C },
    { name: "gem", kind: "GeM", dim: C },
  ]);
  expect(manifest.weights).toMatchObject({ version: "4.4.0", licence: "MIT" });
  expect(session.outputNames).toEqual(["spoc", "mac", "gem", "combined", "features"]);
});
