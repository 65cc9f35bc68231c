import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { importModel } from "../../../src/core/model/import/index.ts";
import { type BranchSpec, buildModel, fingerprint, readManifest, toFloat16 } from "../../../src/core/model/index.ts";
import { hasInt8DotProduct, quantizeModel } from "../../../src/core/quantize/index.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";
import { writeTwoTowers } from "../../fixtures/twoTowers.ts";
import { PIXELS } from "../model/pixelsBackbone.ts";
import { SMALL_NET, smoothImages } from "./smallNet.ts";

const BRANCHES: readonly BranchSpec[] = [{ kind: "SPoC" }, { kind: "MAC" }, { kind: "GeM" }];

let root: string;
let images: string;
let float: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-int8-"));
  images = join(root, "images");
  await smoothImages(images, 6, 4);
  float = join(root, "small.onnx");
  writeFileSync(float, buildModel({ name: "small", backbone: SMALL_NET, branches: BRANCHES }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** How often each operator is run once onnxruntime has fused what it can. */
async function fusedOperators(file: string): Promise<Record<string, number>> {
  const optimised = join(root, "optimised.onnx");
  const options = { graphOptimizationLevel: "extended", optimizedModelFilePath: optimised } as const;
  await (await InferenceSession.create(file, options)).release();
  const counts: Record<string, number> = {};
  for (const { opType } of fromBinary(ModelProtoSchema, readFileSync(optimised)).graph!.node) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

test("a small network keeps its embeddings, and every node that can be int8 is", async () => {
  const out = join(root, "small-int8.onnx");
  const summary = await quantizeModel(float, images, out, { images: 8 });
  console.log(`small network: mean cosine ${summary.comparison.cosine.mean.toFixed(5)}`);
  expect(summary).toMatchObject({ file: out, calibrationImages: 8, skipped: [] });
  expect(summary.comparison).toMatchObject({ images: 24, recall: { queries: 24 } });
  expect(summary.comparison.cosine.mean).toBeGreaterThan(0.99);
  expect(summary.comparison.cosine.mean).toBeLessThan(1);
  const operators = await fusedOperators(out);
  expect(operators).toMatchObject({ QLinearConv: 4, QLinearAdd: 1, MaxPool: 1 });
  // The one Relu that is left is GeM's own: descriptors stay float32.
  expect(operators["Relu"]).toBe(1);
  for (const operator of ["Conv", "Add", "Clip"]) expect(operators[operator]).toBeUndefined();
});

test("the manifest says what was done, and to which model", async () => {
  const out = join(root, "described.onnx");
  const { model, bytes } = await quantizeModel(float, images, out, { images: 4 });
  const written = readFileSync(out);
  const before = readManifest(readFileSync(float), float);
  expect(readManifest(written, out)).toEqual({
    ...before,
    name: "small-int8",
    precision: "int8",
    quantization: {
      method: expect.stringContaining("per channel"),
      images: 4,
      source: fingerprint(readFileSync(float)),
    },
  });
  expect(model).toEqual({ name: "small-int8", fingerprint: fingerprint(written), descriptors: ["spoc", "mac", "gem"] });
  expect(bytes.after).toBe(written.length);
});

test("a model whose weights are stored in another form is quantised as well", async () => {
  const half = join(root, "half.onnx");
  writeFileSync(half, toFloat16(readFileSync(float), float));
  expect(readFileSync(half).length).toBeLessThan(readFileSync(float).length);
  const out = join(root, "half-int8.onnx");
  const { comparison } = await quantizeModel(half, images, out, { images: 8 });
  expect(comparison.cosine.mean).toBeGreaterThan(0.99);
  expect(readManifest(readFileSync(out), out).precision).toBe("int8");
  expect(await fusedOperators(out)).toMatchObject({ QLinearConv: 4, QLinearAdd: 1 });
});

test("the same images give the same file", async () => {
  const files = ["one.onnx", "two.onnx"].map((name) => join(root, name));
  for (const file of files) await quantizeModel(float, images, file, { images: 4 });
  expect(readFileSync(files[0]!).equals(readFileSync(files[1]!))).toBe(true);
});

test("a flat folder is measured without recall, and a damaged image is named", async () => {
  const flat = join(root, "flat");
  mkdirSync(flat);
  for (const i of [0, 1, 2]) copyFileSync(join(images, "class 0", `${i}.png`), join(flat, `${i}.png`));
  writeFileSync(join(flat, "broken.png"), "no image");
  const { comparison, skipped } = await quantizeModel(float, flat, join(root, "flat.onnx"));
  expect(comparison).toMatchObject({ images: 3, recall: null });
  expect(skipped).toEqual([{ path: "broken.png", reason: expect.stringContaining("not an image") }]);
});

test("the default model keeps its embeddings of emoji", async () => {
  const { folder } = await ensureEmoji({ classes: 10, minArtists: 4, maxArtists: 4 });
  const out = join(root, "default-int8.onnx");
  const { comparison, bytes } = await quantizeModel(ensureDefaultModel(), folder, out, { images: 16 });
  const { cosine, imagesPerSecond, recall } = comparison;
  console.log(
    `default model: cosine ${cosine.mean.toFixed(4)} on average, ${cosine.least.toFixed(4)} at least; ` +
      `Recall@1 ${recall!.before.toFixed(3)} -> ${recall!.after.toFixed(3)}; ` +
      `${imagesPerSecond.before.toFixed(0)} -> ${imagesPerSecond.after.toFixed(0)} images/s`,
  );
  expect(comparison.images).toBe(40);
  // Without dot products, sums of two products may saturate.
  const floor = hasInt8DotProduct() === true ? 0.98 : 0.95;
  expect(cosine.mean).toBeGreaterThan(floor);
  expect(cosine.least).toBeGreaterThan(floor - 0.03);
  expect(bytes.after).toBeLessThan(5e6);
  const operators = await fusedOperators(out);
  expect(operators).toMatchObject({ QLinearConv: 52, QLinearAdd: 10 });
  expect(operators["Conv"]).toBeUndefined();
}, 120_000);

test("what cannot be quantised is an error that says what to do, and leaves no file", async () => {
  const text = join(root, "text.onnx");
  writeFileSync(text, "this is a text file that someone renamed");
  const truncated = join(root, "truncated.onnx");
  writeFileSync(truncated, readFileSync(float).subarray(0, 2000));
  const plain = join(root, "plain.onnx");
  writeFileSync(plain, buildModel({ name: "plain", backbone: PIXELS, branches: BRANCHES }));
  const unknown = join(root, "unknown.onnx");
  const addTo = (...[graph, pixels]: Parameters<typeof PIXELS.addTo>) => [graph.op("Nonsense", [pixels])];
  writeFileSync(unknown, buildModel({ name: "unknown", backbone: { ...PIXELS, addTo }, branches: BRANCHES }));
  const done = join(root, "done.onnx");
  await quantizeModel(float, images, done, { images: 2 });
  const empty = join(root, "empty");
  mkdirSync(empty);
  const broken = join(root, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "a.png"), "no image");
  const out = join(root, "never.onnx");
  const cases: [string, string, string, RegExp][] = [
    [text, images, out, /text\.onnx is not an ONNX file/],
    [truncated, images, out, /truncated\.onnx is not an ONNX file/],
    [join(root, "nowhere.onnx"), images, out, /nowhere\.onnx cannot be read/],
    [unknown, images, out, /unknown\.onnx cannot be loaded: .*Nonsense.*Build or copy it again/s],
    [plain, images, out, /plain\.onnx has no convolution with constant weights.*Use the model as it is/],
    [done, images, out, /done\.onnx is quantised already\. Start from the float model/],
    [float, empty, out, /empty holds no images\. Choose a folder/],
    [float, broken, out, /broken holds no image that can be decoded/],
    [float, join(root, "nowhere"), out, /nowhere is not a folder that can be read/],
    [float, images, float, /is the float model itself\. Give the int8 model another name/],
    [float, images, join(root, "nowhere", "q.onnx"), /its folder does not exist/],
  ];
  for (const [model, folder, file, message] of cases) {
    await expect(quantizeModel(model, folder, file, { images: 2 })).rejects.toThrow(message);
  }
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("weights that are no numbers are named", async () => {
  const file = join(root, "nan.onnx");
  const backbone = {
    ...SMALL_NET,
    addTo: (...[graph, pixels]: Parameters<typeof SMALL_NET.addTo>) => {
      const [map] = SMALL_NET.addTo(graph, pixels);
      const weights = graph.floats(new Float32Array(16 * 16).fill(Number.NaN), [16, 16, 1, 1]);
      return [graph.op("Conv", [map!, weights])];
    },
  };
  writeFileSync(file, buildModel({ name: "nan", backbone, branches: BRANCHES }));
  const run = quantizeModel(file, images, join(root, "nan-int8.onnx"), { images: 2 });
  await expect(run).rejects.toThrow(/nan\.onnx has weights that are no numbers/);
});

test("a text tower goes along, and the manifest still names it", async () => {
  const { vision, text } = writeTwoTowers(join(root, "towers"));
  const [words, out] = [join(root, "words.onnx"), join(root, "words-int8.onnx")];
  const { manifest } = await importModel({ file: vision, out: words, text: { file: text } });
  await quantizeModel(words, images, out, { images: 8 });
  expect(readManifest(readFileSync(out), out).text).toEqual(manifest.text);
  expect(readFileSync(join(root, "words-int8.text")).equals(readFileSync(join(root, "words.text")))).toBe(true);
});
