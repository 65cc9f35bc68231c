import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbedderPool, FolderIndex, ImageError, openEmbedder, QueryError } from "../../../src/core/index.ts";
import type { Box, QueryExample, SimilarQuery } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let index: FolderIndex;
const file = (name: string) => join(folder, name);

/** Left and right half of an image, as colours. */
async function halves(path: string, left: string, right: string, orientation?: number): Promise<string> {
  mkdirSync(join(path, ".."), { recursive: true });
  const half = (background: string) => ({ create: { width: 40, height: 60, channels: 3 as const, background } });
  const picture = sharp({ create: { width: 80, height: 60, channels: 3, background: left } }).composite([
    { input: half(right), left: 40, top: 0 },
  ]);
  await (orientation === undefined ? picture : picture.withMetadata({ orientation })).png().toFile(path);
  return path;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-query-"));
  folder = join(root, "images");
  const colours = { red: "#f00", green: "#0f0", blue: "#00f", yellow: "#ff0", white: "#fff" };
  for (const [left, a] of Object.entries(colours)) {
    for (const [right, b] of Object.entries(colours)) await halves(file(`${left}/${right}.png`), a, b);
  }
  writeFileSync(join(root, "model.onnx"), tinyModel("tiny", "SM"));
  index = await FolderIndex.open(folder, pool, join(root, "model.onnx"), {
    location: join(root, "indexes"),
    adapt: false,
  });
  await index.update();
});
afterAll(async () => {
  await index.close();
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

/** Combined list of a query. */
async function paths(query: Omit<SimilarQuery, "k"> & { k?: number }): Promise<string[]> {
  const { results } = await index.similar({ k: 5, ...query });
  return results["combined"]!.map(({ path }) => path);
}

const plus = (image: string, box?: Box): QueryExample => ({ image, sign: 1, ...(box === undefined ? {} : { box }) });
const minus = (image: string): QueryExample => ({ image, sign: -1 });

test("several examples are added up per branch, signed; they are left out and told again", async () => {
  const examples = [plus(file("red/red.png")), plus(file("blue/blue.png")), minus(file("green/green.png"))];
  const { query, examples: told, weights, results, scores } = await index.similar({ examples, k: 50 });
  expect(query).toBe("red/red.png");
  expect(told.map(({ image, sign }) => [image, sign])).toEqual([
    ["red/red.png", 1],
    ["blue/blue.png", 1],
    ["green/green.png", -1],
  ]);
  expect(weights).toEqual({ spoc: 1, mac: 1 });
  expect(results["combined"]).toHaveLength(22);
  for (const { image } of told) expect(scores[image]).toBeUndefined();
  // SPoC of these is (1, 0, 0), (0, 0, 1), (0, 1, 0): the query is (1, -1, 1) / sqrt(3).
  const half = 1 / Math.SQRT2;
  expect(scores["red/blue.png"]!["spoc"]).toBeCloseTo((2 * half) / Math.sqrt(3), 3);
  expect(scores["red/green.png"]!["spoc"]).toBeCloseTo(0, 3);
  expect(scores["white/white.png"]!["spoc"]).toBeCloseTo(1 / 3, 3);
});

test("an example of sign -1 alone finds what is least alike", async () => {
  const [last] = (await paths({ examples: [plus(file("red/red.png"))], k: 50 })).slice(-1);
  const [first] = await paths({ examples: [minus(file("red/red.png"))], k: 1 });
  const { scores } = await index.similar({ examples: [minus(file("red/red.png"))], k: 50 });
  expect(scores[first!]!["combined"]).toBeCloseTo(scores[last!]!["combined"]!, 5);
  expect(scores[first!]!["combined"]).toBeCloseTo(0, 3);
});

test("examples that cancel each other out are an error that says so", async () => {
  const image = file("red/blue.png");
  await expect(index.similar({ examples: [plus(image), minus(image)], k: 3 })).rejects.toThrow(/cancel each other out/);
  // The same picture as another file: only rounding is left.
  const copy = join(root, "copy.webp");
  await sharp(image).webp({ lossless: true }).toFile(copy);
  await expect(index.similar({ examples: [plus(image), minus(copy)], k: 3 })).rejects.toThrow(QueryError);
});

test("a box is a part of the upright picture: it gives what a file of that part gives", async () => {
  // Stored lying: upright it is red above blue (orientation 6 turns it clockwise).
  const turned = await halves(join(root, "turned.png"), "#f00", "#00f", 6);
  const box = { x: 0.25, y: 0.5, width: 0.5, height: 0.5 };
  const cut = join(root, "cut.png");
  const upright = await sharp(turned).autoOrient().png().toBuffer();
  expect(await sharp(upright).metadata()).toMatchObject({ width: 60, height: 80 });
  await sharp(upright).extract({ left: 15, top: 40, width: 30, height: 40 }).toFile(cut);
  const part = await index.similar({ examples: [plus(turned, box)], k: 4 });
  const whole = await index.similar(like(cut, 4));
  expect(part.results).toEqual(whole.results);
  expect(part.results["combined"]![0]).toMatchObject({ path: "blue/blue.png" });
  expect(part.examples).toEqual([{ image: turned, sign: 1, box }]);

  const right = { x: 0.5, y: 0, width: 0.5, height: 1 };
  expect((await paths({ examples: [plus(file("red/green.png"), right)], k: 1 }))[0]).toBe("green/green.png");
});

test("a vector image is cut where it is drawn", async () => {
  const svg = join(root, "halves.svg");
  const body = '<rect width="10" height="6" fill="#f00"/><rect x="5" width="5" height="6" fill="#00f"/>';
  writeFileSync(svg, `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="6">${body}</svg>`);
  const box = { x: 0.6, y: 0.1, width: 0.3, height: 0.8 };
  expect((await paths({ examples: [plus(svg, box)], k: 1 }))[0]).toBe("blue/blue.png");
});

test("a box smaller than a pixel takes one; one outside the image is an error", async () => {
  const tiny = { x: 0.9999, y: 0.9999, width: 1e-5, height: 1e-5 };
  expect((await paths({ examples: [plus(file("red/green.png"), tiny)], k: 1 }))[0]).toBe("green/green.png");
  for (const box of [
    { x: 0.6, y: 0, width: 0.5, height: 1 },
    { x: -0.1, y: 0, width: 0.5, height: 1 },
    { x: 0, y: 0, width: 0, height: 1 },
    { x: Number.NaN, y: 0, width: 1, height: 1 },
  ]) {
    await expect(index.similar({ examples: [plus(file("red/green.png"), box)], k: 1 })).rejects.toThrow(
      /box .* is not inside the image/,
    );
  }
});

test("weights change combined alone; what cannot be weighed is an error", async () => {
  const examples = [plus(file("red/blue.png"))];
  const equal = await index.similar({ examples, k: 50 });
  const spoc = await index.similar({ examples, k: 50, weights: { mac: 0 } });
  expect(spoc.weights).toEqual({ spoc: 1, mac: 0 });
  expect(spoc.results["mac"]).toEqual(equal.results["mac"]);
  for (const score of Object.values(spoc.scores)) expect(score["combined"]).toBeCloseTo(score["spoc"]!, 6);
  const some = await index.similar({ examples, k: 50, weights: { spoc: 3, mac: 1 } });
  for (const [path, { spoc: s, mac: m, combined }] of Object.entries(some.scores)) {
    expect(combined).toBeCloseTo((3 * s! + m!) / 4, 6);
    expect(m).toBe(equal.scores[path]!["mac"]);
  }
  await expect(index.similar({ examples, k: 3, weights: { spoc: 0, mac: 0 } })).rejects.toThrow(/are 0/);
  await expect(index.similar({ examples, k: 3, weights: { gem: 1 } })).rejects.toThrow(/no branch "gem"/);
  await expect(index.similar({ examples, k: 3, weights: { mac: -1 } })).rejects.toThrow(QueryError);
  await expect(index.similar({ examples: [], k: 3 })).rejects.toThrow(/at least one/);
  await expect(index.similar({ examples, k: 0 })).rejects.toThrow(/1 or more/);
});

test("a list of one folder is as long as asked for, and a minimum score ends it", async () => {
  const examples = [plus(file("red/red.png"))];
  const inGreen = await paths({ examples, only: { folder: "green" } });
  expect(inGreen).toHaveLength(5);
  expect(inGreen.every((path) => path.startsWith("green/"))).toBe(true);
  expect(await paths({ examples, only: { folder: "green/" } })).toEqual(inGreen);
  expect(await paths({ examples, only: { folder: "gre" } })).toEqual([]);
  const { results } = await index.similar({ examples, k: 50, only: { minScore: 0.5 } });
  for (const list of Object.values(results)) {
    expect(list.length).toBeGreaterThan(0);
    expect(list.length).toBeLessThan(24);
    expect(list.every(({ score }) => score >= 0.5)).toBe(true);
  }
});

test("with kinds together the same images are found, the first four as before, and what moved says from where", async () => {
  const examples = [plus(file("red/red.png"))];
  const plain = await index.similar({ examples, k: 20 });
  const together = await index.similar({ examples, k: 20, only: { kinds: true } });
  expect([plain.kinds, together.kinds]).toEqual([false, true]);
  const [before, after] = [plain, together].map(({ results }) => results["combined"]!);
  expect(after!.slice(0, 4)).toEqual(before!.slice(0, 4));
  const byScore = await index.similar({ examples, k: 100 });
  for (const { path, rank, from, score } of after!) {
    const own = byScore.results["combined"]!.find((image) => image.path === path)!;
    expect(from ?? rank).toBe(own.rank);
    expect(score).toBe(own.score);
  }
  expect(together.results["spoc"]).toEqual(plain.results["spoc"]);
});

test("queries of one pixel, of 60 megapixels and from outside are answered; one that vanished is named", async () => {
  const dot = join(root, "dot.png");
  await sharp({ create: { width: 1, height: 1, channels: 3, background: "#00f" } }).toFile(dot);
  expect((await paths({ examples: [plus(dot)], k: 1 }))[0]).toBe("blue/blue.png");
  const corner = { x: 0, y: 0, width: 0.1, height: 0.1 };
  expect((await paths({ examples: [plus(dot, corner)], k: 1 }))[0]).toBe("blue/blue.png");

  const large = join(root, "large.jpg");
  await sharp({ create: { width: 10_000, height: 6_000, channels: 3, background: "#0f0" } })
    .jpeg()
    .toFile(large);
  const { query, results } = await index.similar(like(large, 1));
  expect(query).toBe(large);
  expect(results["combined"]![0]!.path).toBe("green/green.png");
  expect((await paths({ examples: [plus(large, corner)], k: 1 }))[0]).toBe("green/green.png");

  const gone = file("gone.png");
  await expect(index.similar(like(gone, 3))).rejects.toThrow(`${gone}: the file is gone`);
  await expect(index.similar({ examples: [plus(dot), plus(gone)], k: 3 })).rejects.toThrow(ImageError);
});
