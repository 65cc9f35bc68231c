import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";
import { type BranchSpec, branchesFromLetters, buildModel, readManifest } from "../../../src/core/model/index.ts";

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
  const bytes = buildModel({ name: "tiny", backbone: IDENTITY, branches: branchesFromLetters(letters) });
  const { descriptors } = readManifest(bytes, "tiny.onnx");
  expect(descriptors.map((branch) => branch.kind.charAt(0)).join("")).toBe(letters);
  expect(new Set(descriptors.map((branch) => branch.name)).size).toBe(letters.length);
});

test("descriptors by hand", async () => {
  const { spoc, mac, gem } = await embed(branchesFromLetters("SMG"), IMAGE);
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

test("a black picture gives zeros, not NaN", async () => {
  const result = await embed(branchesFromLetters("SM"), new Uint8Array(48));
  for (const values of [result["spoc"]!, result["mac"]!, result["combined"]!]) {
    for (const x of values) expect(x).toBe(0);
  }
  const { gem } = await embed(branchesFromLetters("G"), new Uint8Array(48));
  for (const x of gem!) expect(Number.isFinite(x)).toBe(true);
});

test("refuses what cannot be built", () => {
  expect(() => branchesFromLetters("SX")).toThrow('"X" stands for no descriptor');
  expect(() => buildModel({ name: "n", backbone: IDENTITY, branches: [] })).toThrow("one to eight");
  const spec: BranchSpec[] = [{ kind: "SPoC", tap: 1 }];
  expect(() => buildModel({ name: "n", backbone: IDENTITY, branches: spec })).toThrow("has no tap 1");
});
