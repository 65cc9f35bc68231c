import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parseText } from "../../../src/cli/queryOptions.ts";
import { similarCommand } from "../../../src/cli/similarCommand.ts";
import { importModel } from "../../../src/core/index.ts";
import type { SimilarResult } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { bothTowers, writeTwoTowers } from "../../fixtures/twoTowers.ts";
import { withIndex } from "../../fixtures/withIndex.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-words-"));
const folder = join(root, "images");
const model = join(root, "words.onnx");
const location = join(root, "indexes");

/** Enough for the model to be adapted to them. */
const EACH = 24;
const COLOURS = { red: [230, 20, 20], green: [20, 230, 20], blue: [20, 20, 230] } as const;

beforeAll(async () => {
  mkdirSync(folder);
  for (const [name, rgb] of Object.entries(COLOURS)) {
    for (let i = 0; i < EACH; i++) {
      const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, p) =>
        Math.min(255, Math.max(0, rgb[p % 3]! + 60 * Math.sin(p * (i + 1)))),
      );
      await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } }).toFile(join(folder, `${name}-${i}.png`));
    }
  }
  const { vision, text } = writeTwoTowers(join(root, "repository"));
  await importModel({ file: vision, out: model, text: { file: text } });
  await withIndex(folder, model, { location }, (index) => index.update());
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Options = Partial<Parameters<typeof similarCommand>[1]>;

async function run(images: string[], options: Options = {}): Promise<{ out: string; err: string }> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    await similarCommand(images, { in: [folder], index: location, model, device: "cpu", k: 6, ...options });
    return { out: log.mock.calls.flat().join("\n"), err: error.mock.calls.flat().join("\n") };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

const ask = async (texts: string[], images: string[] = [], options: Options = {}) =>
  JSON.parse((await run(images, { text: texts.map(parseText), json: true, ...options })).out) as SimilarResult;

const kinds = (result: SimilarResult, column: string) =>
  [...new Set(result.results[column]!.map(({ path }) => path.split("-")[0]))].sort();

test("words find what they name, in the branch that shares their space", async () => {
  const result = await ask(["red"]);
  expect(result.model.name).toMatch(/\+adapted$/);
  expect(kinds(result, "vector")).toEqual(["red"]);
  expect(result.results["combined"]).toEqual(result.results["vector"]);
  expect(result.weights).toEqual({ spoc: 0, mac: 0, gem: 0, vector: 1 });
  expect(result.words).toMatchObject({ branch: "vector", texts: [{ text: "red", sign: 1 }], notes: [] });
  expect(result.words!.best).toEqual(result.results["vector"]!.slice(0, 5).map(({ path }) => path));
  // The other branches show their neighbours, and not these themselves.
  for (const column of ["spoc", "mac", "gem"]) {
    expect(result.results[column]).toHaveLength(6);
    for (const { path } of result.results[column]!) expect(result.words!.best).not.toContain(path);
  }
  expect(kinds(result, "spoc")).toEqual(["red"]);
  // Adaptation left the branch as the network gives it: a picture's mean colour.
  const plain = await withIndex(folder, model, { location, adapt: false }, async (index) => {
    await index.update();
    return index.similar({ examples: [], texts: [{ text: "red", sign: 1 }], k: 6 });
  });
  expect(plain.results["vector"]!.map(({ path }) => path)).toEqual(result.results["vector"]!.map(({ path }) => path));
});

test("signs, weights and pictures beside words", async () => {
  expect(kinds(await ask(["red", "blue"], [], { k: 40 }), "vector")).toEqual(["blue", "red"]);
  expect(kinds(await ask(["0.2*red", "blue"]), "vector")).toEqual(["blue"]);
  expect(kinds(await ask(["red", "-blue"]), "vector")).toEqual(["red"]);
  const both = await ask(["blue"], [join(folder, "red-0.png")], { k: 40 });
  expect(kinds(both, "vector")).toEqual(["blue", "red"]);
  expect(both.results["vector"]!.map(({ path }) => path)).not.toContain("red-0.png");
  expect(both.words!.cutOff).toBeNull();
  expect(kinds(await ask(["blue"], [join(folder, "red-0.png")], { imageWeights: [8] }), "vector")).toEqual(["red"]);
  expect(parseText("-0.5*night sky")).toEqual({ text: "night sky", sign: -1, weight: 0.5 });
});

test("what no picture shows is said to be like nothing here", async () => {
  const there = await run([], { text: [parseText("green")] });
  expect(there.out).toMatch(/^Images most alike to "green"/);
  expect(there.out).not.toContain("nothing like that");
  expect(there.err).toMatch(/Words are in the space of vector only.*spoc, mac, gem/);
  const gone = await run([], { text: [parseText("submarine")] });
  expect(gone.out).toMatch(
    /--- nothing like that here: random words score up to [\d.]+ with images of this folder ---/,
  );
  expect((await ask(["submarine"], [], { minScore: "auto" })).results["combined"]).toEqual([]);
  const strange = await run([], { text: [parseText(`red zebra ${"red ".repeat(30)}`)] });
  expect(strange.err).toMatch(/longer than the text tower takes/);
  expect(strange.err).toMatch(/not trained on these words, so what they find may be chance: zebra/);
});

test("of several folders each says up to where it has nothing like the words", async () => {
  const reds = join(root, "reds");
  mkdirSync(reds);
  for (let i = 0; i < EACH; i++) copyFileSync(join(folder, `red-${i}.png`), join(reds, `red-${i}.png`));
  await withIndex(reds, model, { location, adapt: false }, (index) => index.update());
  const both = { in: [folder, reds], adapt: false, k: 60 };
  const green = await run([], { ...both, text: [parseText("green")] });
  expect(green.err).toMatch(
    /^reds: nothing like that here: random words score up to [\d.]+ with images of this folder\.$/m,
  );
  expect(green.err).toMatch(/^images: random words score up to/m);
  expect(green.err).not.toContain("in any folder");
  expect(green.out).toMatch(/ images\/green-\d+\.png$/m);
  expect(green.out).toMatch(/ reds\/red-\d+\.png \(by chance\)$/m);
  expect(green.out).not.toMatch(/ reds\/red-\d+\.png$/m);
  const gone = await run([], { ...both, text: [parseText("submarine")] });
  expect(gone.err).toContain("Nothing like that in any folder.");
  expect(gone.out).not.toMatch(/\.png$/m);
});

test("where the model defines a probability, less than 1 % of it is nothing", async () => {
  const { vision } = writeTwoTowers(join(root, "both"));
  writeFileSync(vision, bothTowers(20, -8));
  const sure = join(root, "sure.onnx");
  await importModel({ file: vision, out: sure, text: { file: vision } });
  await withIndex(folder, sure, { location, adapt: false }, (index) => index.update());
  const { words } = await ask(["red"], [], { model: sure, adapt: false });
  // sigmoid(20 x - 8) = 0.01
  expect(words!.cutOff).toEqual({ score: expect.closeTo((Math.log(0.01 / 0.99) + 8) / 20, 5), by: "probability" });
  const gone = await run([], { text: [parseText("blue")], model: sure, adapt: false, under: "nowhere" });
  expect(gone.out).toContain("the model itself gives less than 1 %");
});

test("words that are none, and a model that takes none", async () => {
  await expect(run([], {})).rejects.toThrow(/at least one example image, or words/);
  await expect(run([], { text: [parseText("  ")] })).rejects.toThrow(/There are no words/);
  for (const sign of ["-", " - ", "+", "-2*", "\n"]) {
    await expect(run([], { text: [parseText(sign)] })).rejects.toThrow(/There are no words/);
  }
  for (const foreign of ["красный", "赤い車", "🟥", "−", "!!!"]) {
    const { err } = await run([], { text: [parseText(foreign)] });
    expect(err, foreign).toMatch(/not trained on these words, so what they find may be chance/);
  }
  await expect(run([], { text: [parseText("0*red")] })).rejects.toThrow(/must count more than 0/);
  await expect(run([], { text: [parseText("red")], prompt: ["a photo"] })).rejects.toThrow(/has no \{\} for the words/);
  await expect(run([], { prompt: ["{}"] })).rejects.toThrow(/give --text/);
  const deaf = join(root, "deaf.onnx");
  writeFileSync(deaf, tinyModel("deaf", "SMG"));
  await withIndex(folder, deaf, { location, adapt: false }, (index) => index.update());
  await expect(run([], { text: [parseText("red")], model: deaf, adapt: false })).rejects.toThrow(
    /deaf has no text tower[\s\S]*CLIP B\/32 \(mit\)[\s\S]*lookalike model download ".*" --text/,
  );
});
