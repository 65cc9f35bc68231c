import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";
import {
  type BranchSpec,
  buildModel,
  initialAttention,
  parseDescriptors,
  readManifest,
} from "../../../src/core/model/index.ts";
import * as reference from "./reference.ts";

/** Passes the pixels through as the feature map: `[N, 3, 4, 4]`, values 0..255. */
const IDENTITY: BackboneSource = {
  backbone: {
    name: "identity",
    lastDownsampling: "kept",
    taps: [{ name: "pixels", channels: 3, height: 4, width: 4 }],
  },
  weights: { source: "none", version: "1", licence: "none" },
  inputSize: 4,
  addTo: (graph, pixels) => [graph.op("Identity", [pixels])],
};

async function embed(branches: readonly BranchSpec[], image: Uint8Array): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(buildModel({ name: "tiny", backbone: IDENTITY, branches }));
  const result = await session.run({ image: new Tensor("uint8", image, [1, 4, 4, 3]) });
  await session.release();
  return Object.fromEntries(
    Object.entries(result).map(([name, tensor]) => [name, Array.from(tensor.data as Float32Array)]),
  );
}

/** Red rises from 0 to 15, green is 10 everywhere, blue is 0 but for one position. */
const IMAGE = Uint8Array.from({ length: 48 }, (_, i) => [Math.floor(i / 3), 10, i === 47 ? 100 : 0][i % 3]!);

function unit(values: readonly number[]): number[] {
  const norm = Math.hypot(...values);
  return values.map((x) => x / norm);
}

const close = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, x] of expected.entries()) expect(actual[i]).toBeCloseTo(x, 5);
};

test.each(["S", "M", "G", "SM", "GS", "MSG", "SMG", "SSMM"])("%s has its branches, in order", (letters) => {
  const bytes = buildModel({ name: "tiny", backbone: IDENTITY, branches: parseDescriptors(letters) });
  const { descriptors } = readManifest(bytes, "tiny.onnx");
  expect(descriptors.map((branch) => branch.kind.charAt(0)).join("")).toBe(letters);
  expect(new Set(descriptors.map((branch) => branch.name)).size).toBe(letters.length);
});

test("descriptors by hand", async () => {
  const { spoc, mac, gem } = await embed(parseDescriptors("SMG"), IMAGE);
  const red = Array.from({ length: 16 }, (_, i) => i);
  close(spoc!, unit([7.5, 10, 100 / 16]));
  close(mac!, unit([15, 10, 100]));
  const gem3 = (values: number[]) => (values.reduce((sum, x) => sum + x ** 3, 0) / 16) ** (1 / 3);
  close(gem!, unit([gem3(red), 10, gem3([100])]));
});

test("GeM with p = 1 is SPoC, and with a high p comes near MAC", async () => {
  const { spoc, mac, gem, gem_2 } = await embed(
    [{ kind: "SPoC" }, { kind: "MAC" }, { kind: "GeM", p: 1 }, { kind: "GeM", p: 12 }],
    IMAGE,
  );
  close(gem!, spoc!);
  for (const [i, x] of mac!.entries()) expect(Math.abs(gem_2![i]! - x)).toBeLessThan(0.05);
});

test("FC is a matrix without bias, applied before L2", async () => {
  const fc = { weights: Float32Array.of(1, 0, 0, 2, -1, 0.5), dim: 2 };
  const { spoc, combined } = await embed([{ kind: "SPoC", fc }], IMAGE);
  const [r, g, b] = [7.5, 10, 6.25];
  close(spoc!, unit([r - b, 2 * g + 0.5 * b]));
  close(combined!, spoc!);
});

test("a black picture gives zeros, not NaN, whatever the descriptors and attention", async () => {
  const kinds = parseDescriptors("SMG+CroW+wGeM+RMAC");
  for (const attention of [{}, { attention: "SE" }, { attention: "CBAM" }] as const) {
    const result = await embed(
      kinds.map((branch) => ({ ...branch, ...attention })),
      new Uint8Array(48),
    );
    for (const values of Object.values(result)) for (const x of values) expect(x).toBe(0);
  }
});

test("the manifest tells the parameters of each branch", () => {
  const fc = { weights: new Float32Array(6), dim: 2 };
  const branches: BranchSpec[] = [
    { kind: "SPoC", fc },
    { kind: "GeM", p: Float32Array.of(2, 3, 7), attention: "SE" },
    { kind: "wGeM", p: 2.5, attention: initialAttention("CBAM", 3) },
    { kind: "CroW", fc: { ...fc, bias: new Float32Array(2) } },
    { kind: "RMAC", levels: 2 },
    { kind: "RMAC" },
  ];
  const { descriptors } = readManifest(buildModel({ name: "tiny", backbone: IDENTITY, branches }), "tiny.onnx");
  expect(descriptors).toEqual([
    { name: "spoc", kind: "SPoC", dim: 2, tap: 0, fc: { bias: false } },
    { name: "gem", kind: "GeM", dim: 3, tap: 0, p: { min: 2, mean: 4, max: 7 }, attention: "SE" },
    { name: "wgem", kind: "wGeM", dim: 3, tap: 0, p: 2.5, attention: "CBAM" },
    { name: "crow", kind: "CroW", dim: 2, tap: 0, fc: { bias: true } },
    { name: "rmac", kind: "RMAC", dim: 3, tap: 0, levels: 2 },
    { name: "rmac_2", kind: "RMAC", dim: 3, tap: 0, levels: 3 },
  ]);
});

test("every branch pools the map with its own parameters, and combined is all of them at norm 1", async () => {
  const map = [0, 1, 2].map((c) => [0, 1, 2, 3].map((y) => [0, 1, 2, 3].map((x) => IMAGE[(y * 4 + x) * 3 + c]!)));
  const p = [2, 3, 4];
  const spatial = { weights: Float32Array.of(0.1, -0.05, 0.02), bias: 0.5 };
  const regions = [0, 2].flatMap((top) => [0, 2].map((left) => [top, left, 2] as const));
  const expected = {
    rmac: reference.rmac(map, [[0, 0, 4], ...regions]),
    wgem: reference.wgem(map, [3, 3, 3], [...spatial.weights], 0.5),
    crow: reference.crow(map),
    gem: reference.gem(map, p),
    mac: reference.mac(map),
    spoc: reference.spoc(map),
  };
  const result = await embed(
    [
      { kind: "RMAC", levels: 2 },
      { kind: "wGeM", spatial },
      { kind: "CroW" },
      { kind: "GeM", p: Float32Array.from(p) },
      { kind: "MAC" },
      { kind: "SPoC" },
    ],
    IMAGE,
  );
  for (const [name, values] of Object.entries(expected)) close(result[name]!, unit(values));
  close(result["combined"]!, unit(Object.values(expected).flatMap((values) => unit(values))));
});

test("refuses what cannot be built", () => {
  expect(() => buildModel({ name: " ", backbone: IDENTITY, branches: [{ kind: "MAC" }] })).toThrow("needs a name");
  const nine = parseDescriptors("SSSSSSSSS");
  expect(() => buildModel({ name: "n", backbone: IDENTITY, branches: nine })).toThrow("one to eight");
  expect(() => buildModel({ name: "n", backbone: IDENTITY, branches: [] })).toThrow("one to eight");
  const spec: BranchSpec[] = [{ kind: "SPoC", tap: 1 }];
  expect(() => buildModel({ name: "n", backbone: IDENTITY, branches: spec })).toThrow("has no tap 1");
});
