import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { Explainer } from "../../../src/core/explain/index.ts";
import { decodeForModel } from "../../../src/core/images/index.ts";
import {
  appendHeads,
  type BranchSpec,
  buildModel,
  compactModel,
  initialAttention,
  readManifest,
} from "../../../src/core/model/index.ts";
import { type Embedder, openEmbedder } from "../../../src/core/runtime/index.ts";
import type { BranchExplanation } from "../../../src/shared/index.ts";
import { PIXELS } from "../model/pixelsBackbone.ts";
import * as reference from "../model/reference.ts";
import { noise, SMALL_NET } from "../quantize/smallNet.ts";
import { type Explained, explainIn } from "./explained.ts";

let root: string;
let defaultModel: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-explain-"));
  defaultModel = ensureDefaultModel();
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A blot of a colour in a corner. */
function picture(x: number, y: number, colour: string, background = "#eee"): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160"><rect width="160" height="160" fill="${background}"/><circle cx="${x}" cy="${y}" r="36" fill="${colour}"/><path d="M${x - 20} ${y - 8}h40v16h-40z" fill="#fff"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function pixels({ manifest }: Embedder, image: Buffer): Promise<Uint8Array> {
  const file = join(root, `${Math.random()}.png`);
  writeFileSync(file, image);
  return (await decodeForModel(file, manifest.input)).pixels;
}

const explain = (bytes: Uint8Array, inputs: Parameters<typeof explainIn>[2]) => explainIn(root, bytes, inputs);

const twoPictures = async (embedder: Embedder) =>
  [
    await pixels(embedder, await picture(45, 45, "#c22")),
    await pixels(embedder, await picture(115, 110, "#b32", "#def")),
  ] as const;

const total = (map: Float32Array): number => map.reduce((sum, part) => sum + part, 0);

/** Every branch has maps, and both add up to the cosine. */
function expectSums({ result, cosines }: Explained, names: readonly string[]): void {
  expect(result).toMatchObject({ problem: null, unexplained: [] });
  expect(result.branches.map(({ name }) => name)).toEqual(names);
  for (const [b, { score, query, result: other }] of result.branches.entries()) {
    expect(Math.abs(score - cosines[b]!)).toBeLessThan(1e-4);
    for (const { map, constant, width, height } of [query, other]) {
      expect(map).toHaveLength(width * height);
      expect(Math.abs(total(map) + constant - cosines[b]!)).toBeLessThan(1e-4);
    }
  }
}

const values = (length: number, seed: number, scale = 1) => {
  const next = noise(seed);
  return Float32Array.from({ length }, () => scale * next());
};

test("default model: every map adds up to the cosine, and there is no constant", async () => {
  const explained = await explain(readFileSync(defaultModel), twoPictures);
  expectSums(explained, ["spoc", "mac", "gem"]);
  expect(explained.result.branches.map(({ exact }) => exact)).toEqual([true, true, false]);
  for (const { query, result } of explained.result.branches) {
    expect([query.constant, result.constant]).toEqual([0, 0]);
    // Activations after a ReLU and no head: nothing can count against.
    expect(Math.min(...query.map, ...result.map)).toBeGreaterThanOrEqual(0);
  }
});

test("an appended head, stored as float16: the bias gives a constant, and the sum still is the cosine", async () => {
  const base = readFileSync(defaultModel);
  const heads = readManifest(base, "default").descriptors.map(({ dim }, i) => ({
    weights: values(dim * 32, i + 1),
    bias: values(32, i + 9, 0.3),
    dim: 32,
  }));
  const training = { method: "test", images: 1 };
  const bytes = compactModel(appendHeads(base, "default", heads, "with-heads", training), "with-heads");
  expect(readManifest(bytes, "with-heads").precision).toBe("float16");
  const explained = await explain(bytes, twoPictures);
  expectSums(explained, ["spoc", "mac", "gem"]);
  for (const { query, result } of explained.result.branches) {
    expect(Math.abs(query.constant)).toBeGreaterThan(1e-3);
    expect(Math.abs(result.constant)).toBeGreaterThan(1e-3);
  }
});

test("an FC, one exponent per channel, every other pooling, and attention", async () => {
  const fc = (seed: number, bias = false) => ({
    weights: values(16 * 8, seed),
    dim: 8,
    ...(bias ? { bias: values(8, seed + 1) } : {}),
  });
  const p = Float32Array.from({ length: 16 }, (_, c) => 1 + c / 4);
  const spatial = { weights: values(16, 5), bias: 0.1 };
  const se = initialAttention("SE", 16);
  const branches: BranchSpec[] = [
    { kind: "SPoC", fc: fc(1) },
    { kind: "MAC", fc: fc(2, true) },
    { kind: "GeM", p, fc: fc(3) },
    { kind: "CroW" },
    { kind: "wGeM", p, spatial, fc: fc(4, true) },
    { kind: "RMAC", levels: 3, fc: fc(6) },
    { kind: "SPoC", attention: { ...se, mlp: { ...se.mlp, expand: { weights: values(16, 7), bias: values(16, 8) } } } },
    { kind: "GeM", attention: "CBAM" },
  ];
  const explained = await explain(buildModel({ name: "all", backbone: SMALL_NET, branches }), twoPictures);
  expectSums(explained, ["spoc", "mac", "gem", "crow", "wgem", "rmac", "spoc_2", "gem_2"]);
  expect(explained.result.branches.map(({ exact }) => exact)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("GeM and wGeM of values of both signs", async () => {
  const spatial = { weights: values(16, 5), bias: 0.1 };
  const fc = { weights: values(16 * 8, 3), dim: 8, bias: values(8, 4) };
  const branches: BranchSpec[] = [
    { kind: "GeM", signed: "shift" },
    { kind: "wGeM", signed: "shift", spatial, fc },
  ];
  const signed = { ...SMALL_NET, addTo: negative(SMALL_NET) };
  const bytes = buildModel({ name: "signed", backbone: signed, branches });
  expect(readManifest(bytes, "signed").descriptors).toMatchObject([{ signed: "shift" }, { signed: "shift" }]);
  const explained = await explain(bytes, twoPictures);
  expectSums(explained, ["gem", "wgem"]);
  expect(explained.result.branches.map(({ exact }) => exact)).toEqual([false, false]);
});

/** A backbone whose maps have values of both signs. */
function negative({ addTo }: typeof SMALL_NET): typeof SMALL_NET.addTo {
  return (graph, input) => addTo(graph, input).map((map) => graph.op("Sub", [map, graph.scalar(0.2)]));
}

/** 4 x 4 pixels, and their feature map `map[c][y][x]`, which is the same. */
function tinyImage(seed: number): { readonly image: Uint8Array; readonly map: number[][][] } {
  const image = Uint8Array.from(values(48, seed), (x) => Math.round(127 * (x + 1)));
  const map = [0, 1, 2].map((c) => [0, 1, 2, 3].map((y) => [0, 1, 2, 3].map((x) => image[(y * 4 + x) * 3 + c]!)));
  return { image, map };
}

async function explainTiny(branches: readonly BranchSpec[]): Promise<{
  readonly found: readonly BranchExplanation[];
  readonly maps: readonly [number[][][], number[][][]];
}> {
  const [a, b] = [tinyImage(11), tinyImage(23)];
  const bytes = buildModel({ name: "tiny", backbone: PIXELS, branches });
  const { result } = await explain(bytes, async () => [a.image, b.image]);
  return { found: result.branches, maps: [a.map, b.map] };
}

test("the maps are what the definitions give: SPoC and GeM with an FC, MAC with bias", async () => {
  const weights = values(6, 3);
  const bias = values(2, 4, 20);
  const { found, maps } = await explainTiny([
    { kind: "SPoC", fc: { weights, dim: 2 } },
    { kind: "MAC", fc: { weights, bias, dim: 2 } },
    { kind: "GeM", p: Float32Array.of(2, 3, 5), fc: { weights, dim: 2 } },
  ]);
  const none = [0, 0];
  const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, x, i) => sum + x * v[i]!, 0);
  /** Score of a pooled vector with the norm of the whole image and the other embedding held fixed. */
  const linear = (pooled: number[], b: ArrayLike<number>, norm: number, other: number[]) =>
    dot(reference.fc(pooled, weights, b), other) / norm;
  const norm = (pooled: number[], b: ArrayLike<number>) => Math.hypot(...reference.fc(pooled, weights, b));
  const positions = Array.from({ length: 16 }, (_, i) => i);
  const at = (map: number[][][], i: number) => map.map((channel) => channel.flat()[i]!);

  for (const [side, own, other] of [
    ["query", maps[0], maps[1]],
    ["result", maps[1], maps[0]],
  ] as const) {
    const spoc = reference.spoc(own);
    const spocOther = reference.unit(reference.fc(reference.spoc(other), weights, none));
    const expectedSpoc = positions.map((i) =>
      linear(
        at(own, i).map((x) => x / 16),
        none,
        norm(spoc, none),
        spocOther,
      ),
    );
    for (const [i, part] of expectedSpoc.entries()) expect(found[0]![side].map[i]).toBeCloseTo(part, 5);

    const mac = reference.mac(own);
    const macOther = reference.unit(reference.fc(reference.mac(other), weights, bias));
    const places = mac.map((most, c) => own[c]!.flat().indexOf(most));
    const expectedMac = positions.map((i) =>
      linear(
        mac.map((most, c) => (places[c] === i ? most : 0)),
        none,
        norm(mac, bias),
        macOther,
      ),
    );
    for (const [i, part] of expectedMac.entries()) expect(found[1]![side].map[i]).toBeCloseTo(part, 5);
    expect(found[1]![side].constant).toBeCloseTo(linear([0, 0, 0], bias, norm(mac, bias), macOther), 5);

    const p = [2, 3, 5];
    const gem = reference.gem(own, p);
    const gemOther = reference.unit(reference.fc(reference.gem(other, p), weights, none));
    const sums = own.map((channel, c) => channel.flat().reduce((sum, x) => sum + x ** p[c]!, 0));
    const expectedGem = positions.map((i) =>
      linear(
        at(own, i).map((x, c) => (gem[c]! * x ** p[c]!) / sums[c]!),
        none,
        norm(gem, none),
        gemOther,
      ),
    );
    for (const [i, part] of expectedGem.entries()) expect(found[2]![side].map[i]).toBeCloseTo(part, 5);
  }
});

test("matches are the positions whose vectors, through the head, have the highest cosine, both ways", async () => {
  const weights = values(9, 31);
  const { found, maps } = await explainTiny([{ kind: "SPoC", fc: { weights, bias: values(3, 1), dim: 3 } }]);
  const locals = maps.map((map) =>
    Array.from({ length: 16 }, (_, i) =>
      reference.unit(
        reference.fc(
          map.map((channel) => channel.flat()[i]!),
          weights,
          [0, 0, 0],
        ),
      ),
    ),
  );
  const best = (vector: number[], among: number[][]) => {
    const cosines = among.map((each) => each.reduce((sum, x, i) => sum + x * vector[i]!, 0));
    return cosines.indexOf(Math.max(...cosines));
  };
  const { toResult, toQuery } = found[0]!.matches;
  expect([...toResult]).toEqual(locals[0]!.map((vector) => best(vector, locals[1]!)));
  expect([...toQuery]).toEqual(locals[1]!.map((vector) => best(vector, locals[0]!)));
});

test("a maximum at several positions is shared by them, and an image of zeros has a map of zeros", async () => {
  const bytes = buildModel({ name: "tiny", backbone: PIXELS, branches: [{ kind: "MAC" }, { kind: "GeM" }] });
  const flat = new Uint8Array(48).fill(90);
  const shared = await explain(bytes, async () => [flat, flat]);
  for (const part of shared.result.branches[0]!.query.map) expect(part).toBeCloseTo(1 / 16, 6);
  const dark = await explain(bytes, async () => [new Uint8Array(48), flat]);
  for (const { score, query, result } of dark.result.branches) {
    expect(score).toBe(0);
    expect([total(query.map), total(result.map)]).toEqual([0, 0]);
  }
});

test("a network's own vector has no maps, and the reason is told", async () => {
  const vector = {
    ...PIXELS,
    backbone: { ...PIXELS.backbone, taps: [{ name: "vector", channels: 48, height: 1, width: 1 }] },
    addTo: (graph: Parameters<typeof PIXELS.addTo>[0], input: string) => [graph.op("Flatten", [input])],
  };
  const bytes = buildModel({ name: "imported", backbone: vector, branches: [{ kind: "Vector" }] });
  const { result } = await explain(bytes, async () => [tinyImage(1).image, tinyImage(2).image]);
  expect(result.branches).toEqual([]);
  expect(result.problem).toMatch(/imported cannot show where its scores come from.*gives a vector/);
});

test("a model file that was replaced meanwhile is not explained by another one", async () => {
  const file = join(root, "replaced.onnx");
  writeFileSync(file, buildModel({ name: "one", backbone: PIXELS, branches: [{ kind: "SPoC" }] }));
  const embedder = await openEmbedder(file, { device: "cpu" });
  writeFileSync(file, buildModel({ name: "two", backbone: PIXELS, branches: [{ kind: "MAC" }] }));
  await expect(Explainer.open(embedder)).rejects.toThrow(/was replaced or removed/);
  await embedder.release();
});
