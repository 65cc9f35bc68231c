import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import { type EngineNotifications, type ExplainResult, REQUEST_CANCELLED } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let told: { readonly method: keyof EngineNotifications; readonly params: unknown }[];
let handlers: ReturnType<typeof engineHandlers>;
const image = (name: string) => join(root, "images", name);

/** Warm and cold images in a folder each, with a spot at another place; one of each is copied, and one warm image lies among the cold ones. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-queries-"));
  for (const name of ["warm", "cold"]) mkdirSync(image(name), { recursive: true });
  for (let i = 0; i < 10; i++) {
    const warm = i % 2 === 0;
    const background = warm ? { r: 240, g: 90, b: 20 } : { r: 20, g: 90, b: 240 };
    const spot = { create: { width: 16, height: 16, channels: 3 as const, background: "#000" } };
    const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } }).composite([
      { input: spot, left: 16 * (i % 4), top: 16 * Math.floor(i / 4) },
    ]);
    await picture.png().toFile(image(warm && i !== 8 ? `warm/${i}.png` : `cold/${i}.png`));
  }
  copyFileSync(image("warm/2.png"), image("warm/copy.png"));
  await sharp(image("cold/3.png")).resize(48, 48).jpeg({ quality: 80 }).toFile(image("cold/small.jpg"));
  writeFileSync(join(root, "model.onnx"), tinyModel("model", "SMG"));
  told = [];
  const folders = new Folders(join(root, "model.onnx"), () => {}, join(root, "models"));
  handlers = engineHandlers(folders, (method, params) => told.push({ method, params }));
  await handlers["folder/index"](there(), CancellationToken.None);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const there = () => ({ folder: join(root, "images"), location: join(root, "indexes"), adapt: false });
const progressOf = (run: number) =>
  told.flatMap(({ method, params }) => {
    const step = params as EngineNotifications["query/progress"];
    return method === "query/progress" && step.run === run ? [step] : [];
  });

test("similar: examples, weights and a folder cross the link as they are", async () => {
  const examples = [
    { image: image("warm/0.png"), sign: 1, box: { x: 0, y: 0, width: 0.5, height: 0.5 } },
    { image: image("cold/1.png"), sign: -1 },
  ] as const;
  const asked = { ...there(), examples, weights: { mac: 0 }, only: { folder: "cold" }, k: 4 };
  const { weights, examples: echoed, results } = await handlers["image/similar"](asked, CancellationToken.None);
  expect(weights).toEqual({ spoc: 1, mac: 0, gem: 1 });
  expect(echoed[0]).toEqual({ ...examples[0], image: "warm/0.png" });
  expect(results["combined"]).toHaveLength(4);
  expect(results["combined"]![0]!.path).toBe("cold/8.png");
});

test("explain: maps of both images as typed arrays, which add up to the score", async () => {
  const asked = { ...there(), query: image("warm/0.png"), result: image("warm/2.png") };
  const { branches, problem }: ExplainResult = await handlers["image/explain"](asked, CancellationToken.None);
  expect(problem).toBeNull();
  expect(branches.map(({ name }) => name)).toEqual(["spoc", "mac", "gem"]);
  for (const { score, query, result, matches } of branches) {
    for (const { map, constant } of [query, result]) {
      expect(map).toBeInstanceOf(Float32Array);
      expect(map.reduce((sum, part) => sum + part, constant)).toBeCloseTo(score, 4);
    }
    expect(matches.toResult).toHaveLength(16);
  }
  const box = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
  const part = await handlers["image/explain"]({ ...asked, box }, CancellationToken.None);
  expect(part.branches[0]!.score).not.toBe(branches[0]!.score);
});

test("duplicates: the groups, and progress where a run is named", async () => {
  const { groups } = await handlers["folder/duplicates"]({ ...there(), run: 5 }, CancellationToken.None);
  expect(groups.map(({ images }) => images.map(({ path, identical }) => [path, identical]))).toEqual([
    [
      ["cold/3.png", true],
      ["cold/small.jpg", false],
    ],
    [
      ["warm/2.png", true],
      ["warm/copy.png", true],
    ],
  ]);
  expect(progressOf(5)[0]).toMatchObject({ step: "reading" });
  const before = told.length;
  await handlers["folder/duplicates"](there(), CancellationToken.None);
  expect(told).toHaveLength(before);
});

test("labels: the image in the wrong folder, or what a labels file makes of it", async () => {
  const { images, classes, suspicious, warnings } = await handlers["folder/labels"](there(), CancellationToken.None);
  expect([images, classes, warnings]).toEqual([12, 2, []]);
  expect(suspicious).toMatchObject([{ path: "cold/8.png", label: "cold", suggested: "warm", votes: 5, k: 6 }]);
  const labels = join(root, "labels.csv");
  writeFileSync(labels, "path,label\nwarm/0.png,\ncold/8.png,warm\ncold/1.png,cold\nwarm/2.png,warm\n");
  const given = await handlers["folder/labels"]({ ...there(), labels, k: 3 }, CancellationToken.None);
  expect([given.images, given.classes]).toEqual([3, 2]);
  expect(given.warnings).toEqual(["Rows without a path or a label, left out: 1: row 1."]);
});

test("what takes long can be cancelled", async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  const cancelled = { code: REQUEST_CANCELLED };
  await expect(handlers["folder/duplicates"](there(), source.token)).rejects.toMatchObject(cancelled);
  await expect(handlers["folder/labels"](there(), source.token)).rejects.toMatchObject(cancelled);
});
