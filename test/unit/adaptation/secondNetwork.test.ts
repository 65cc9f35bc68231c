import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ASKED_FROM, admitted, type BranchRows } from "../../../src/core/adaptation/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { buildModel, SECOND_MODEL_NAME } from "../../../src/core/model/index.ts";
import { quantizeModel } from "../../../src/core/quantize/index.ts";
import { int8FileOf } from "../../../src/shared/index.ts";
import { kindsOfTen as branch } from "../../fixtures/kindsOfTen.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { SMALL_NET } from "../quantize/smallNet.ts";

/** Whether what comes behind the first `own` branches may vote as a second network. */
function admitsSecond(own: number, branches: readonly BranchRows[]): boolean {
  return admitted({ own, second: branches.length - own }, branches).second;
}

test("a network that sees the same clusters in its own way may vote, one that sees none or adds nothing may not", () => {
  const first = [branch(600, 0.3, 1), branch(600, 0.4, 2)];
  expect(admitsSecond(2, [...first, branch(600, 0.3, 3), branch(600, 0.4, 4)])).toBe(true);
  expect(admitsSecond(2, [...first, branch(600, 50, 3), branch(600, 50, 4)])).toBe(false);
  expect(admitsSecond(2, [...first, ...first])).toBe(false);
});

test("of few images, of images that are all the same, and in doubt it may not", () => {
  const of = (count: number) => [branch(count, 0.3, 1), branch(count, 0.3, 2)];
  expect(admitsSecond(1, of(ASKED_FROM))).toBe(true);
  expect(admitsSecond(1, of(ASKED_FROM - 1))).toBe(false);
  const same = { values: new Float32Array(ASKED_FROM * 4).fill(0.5), dim: 4 };
  expect(admitsSecond(1, [same, same])).toBe(false);
  // A part of the folder speaks for it, most against.
  const [sees, blind] = [branch(120, 0.3, 3), branch(480, 50, 4)];
  const mixed = { values: Float32Array.of(...sees.values, ...blind.values), dim: 16 };
  expect(admitsSecond(1, [branch(600, 0.3, 1), mixed])).toBe(false);
});

/** A network that sees the pixels themselves, in blocks. @param side of its input */
function pixelwise(side: number, block: number): Uint8Array {
  const places = side / block;
  return buildModel({
    name: "pixelwise",
    backbone: {
      backbone: {
        name: "pixelwise",
        lastDownsampling: "kept",
        taps: [{ name: "blocks", channels: 3 * block ** 2, height: places, width: places }],
      },
      weights: { source: "none", version: "1", licence: "none" },
      inputSize: side,
      addTo: (graph, pixels) => [graph.op("SpaceToDepth", [pixels], { blocksize: block })],
    },
    branches: [{ kind: "SPoC" }],
  });
}

/** A network that gives the same for any picture. */
function blind(): Uint8Array {
  return buildModel({
    name: "blind",
    backbone: {
      backbone: {
        name: "blind",
        lastDownsampling: "kept",
        taps: [{ name: "grey", channels: 3, height: 4, width: 4 }],
      },
      weights: { source: "none", version: "1", licence: "none" },
      inputSize: 4,
      addTo: (graph, pixels) => [graph.op("Add", [graph.op("Mul", [pixels, graph.scalar(0)]), graph.scalar(1)])],
    },
    branches: [{ kind: "SPoC" }],
  });
}

// Each index is of 400 images.
vi.setConfig({ testTimeout: 180_000 });

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-second-"));
  folder = join(root, "images");
  mkdirSync(folder);
  for (let i = 0; i < ASKED_FROM; i++) {
    const pixels = Uint8Array.from({ length: 48 }, (_, j) => ((37 * (i % 40) + 5) * (j + 3) + (i * j) / 9) % 256);
    await sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } })
      .png()
      .toFile(join(folder, `${i}.png`));
  }
});
afterAll(async () => {
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

async function withSecond<T>(name: string, second: Uint8Array, work: (index: FolderIndex) => Promise<T>): Promise<T> {
  const models = join(root, name);
  mkdirSync(models);
  writeFileSync(join(models, "tiny.onnx"), tinyModel("tiny", "SM"));
  writeFileSync(join(models, `${SECOND_MODEL_NAME}.onnx`), second);
  const index = await FolderIndex.open(folder, pool, join(models, "tiny.onnx"), { location: join(models, "indexes") });
  try {
    return await work(index);
  } finally {
    await index.close();
  }
}

test("a second network that sees the same clusters in another way joins: it is told, weighed, searched and explained", async () => {
  await withSecond("alike", pixelwise(4, 4), async (index) => {
    // Unasked it stays out.
    expect((await index.update()).adaptation).toEqual({ images: ASKED_FROM });
    const summary = await index.update({ refit: true, second: true });
    expect(summary).toMatchObject({ indexed: ASKED_FROM, adaptation: { images: ASKED_FROM, second: true } });
    const branches = ["spoc", "mac", "spoc_2"];
    expect(summary.model).toMatchObject({ name: "tiny+adapted", descriptors: branches });
    const weights = { spoc: 1, mac: 1, spoc_2: 2 };
    expect(await index.suggestWeights({ choice: "gate" }, true)).toMatchObject({ from: "gate", weights });
    const query = join(folder, "3.png");
    const { results, scores, weights: searched } = await index.similar(like(query, 5));
    const best = results["combined"]![0]!;
    const parts = branches.map((name) => scores[best.path]![name]!);
    expect(best.score).toBeCloseTo(
      (parts[0]! + parts[1]! + parts[2]! * (searched["spoc_2"] ?? 1)) / (2 + (searched["spoc_2"] ?? 1)),
      5,
    );
    // What has joined is asked again by the next adaptation, and goes where that is said.
    expect((await index.update({ refit: true })).adaptation).toMatchObject({ second: true });
    const explained = await index.explain({ query, result: join(folder, best.path) });
    expect(explained.branches.map(({ name }) => name)).toEqual(branches);
    expect((await index.update({ rebuild: true, second: false })).model.descriptors).toEqual(["spoc", "mac"]);
  });
});

test("a model in int8 is joined by the int8 form that lies beside the second network", async () => {
  const models = join(root, "forms");
  mkdirSync(models);
  const file = join(models, "tiny.onnx");
  const small = buildModel({ name: "small", backbone: SMALL_NET, branches: [{ kind: "SPoC" }] });
  writeFileSync(file, small);
  await quantizeModel(file, folder, int8FileOf(file), { images: 4 });
  const second = join(models, `${SECOND_MODEL_NAME}.onnx`);
  // The float form stays out, so it is seen which one was asked.
  writeFileSync(second, blind());
  writeFileSync(int8FileOf(second), pixelwise(32, 8));
  for (const [form, adaptation] of [
    ["float", { images: ASKED_FROM }],
    ["int8", { images: ASKED_FROM, second: true }],
  ] as const) {
    const index = await FolderIndex.open(folder, pool, file, { location: join(models, "indexes"), form });
    expect((await index.update({ second: true })).adaptation, form).toEqual(adaptation);
    await index.close();
  }
});

test("one that sees nothing, one that adds nothing, and one that takes pictures of another size stay out", async () => {
  for (const [name, second] of [
    ["blind", blind()],
    ["same", tinyModel("second", "SM")],
    ["other", tinyModel("second", "S", 8)],
  ] as const) {
    await withSecond(name, second, async (index) => {
      const { adaptation, model } = await index.update({ second: true });
      expect(adaptation).toEqual({ images: ASKED_FROM });
      expect(model.descriptors).toEqual(["spoc", "mac"]);
      expect(await index.suggestWeights({ choice: "gate" }, true)).toMatchObject({ reason: "unlabelled" });
    });
  }
});
