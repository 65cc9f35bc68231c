import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { findSuspiciousLabels, reviewLabels } from "../../../src/core/curation/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder, QueryError } from "../../../src/core/index.ts";
import type { EmbeddingSource } from "../../../src/core/search/index.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";

/** Images on two circles, one per branch: angles in degrees. */
function onCircles(images: Readonly<Record<string, readonly [number, number]>>): EmbeddingSource {
  const point = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return {
    model: { name: "circles", fingerprint: "", descriptors: ["spoc", "mac"] },
    dims: [2, 2],
    place: "",
    paths: async () => Object.keys(images),
    async *embeddings() {
      for (const [path, [a, b]] of Object.entries(images)) {
        yield { path, embedding: Float32Array.from([...point(a), ...point(b)]) };
      }
    },
  };
}

const CLASSES = Object.fromEntries([
  ...[0, 2, 4, 6, 8].map((angle, i) => [`wren/${i}.png`, [angle, angle]] as const),
  ...[90, 92, 94, 96, 98].map((angle, i) => [`owl/${i}.png`, [angle, angle]] as const),
]);

test("an image among those of another label is found, with what they say, and the clean ones are not", async () => {
  const source = onCircles({ ...CLASSES, "wren/odd.png": [93, 95] });
  expect(await findSuspiciousLabels(source)).toEqual({
    images: 11,
    classes: 2,
    unjudged: 0,
    suspicious: [{ path: "wren/odd.png", label: "wren", suggested: "owl", votes: 5, k: 5, confidence: 1 }],
    warnings: [],
  });
  const { suspicious } = await findSuspiciousLabels(source, { k: 3 });
  expect(suspicious).toMatchObject([{ path: "wren/odd.png", votes: 3, k: 3 }]);
});

test("a model that was trained on labels is said to know them by heart, one that was not says nothing", async () => {
  const record = async (path: string) => ({
    ...{ path, mtimeMs: 0, ctimeMs: 0, size: 1, width: 8, height: 8, partial: false },
    hash: createHash("sha256").update(path).digest(),
  });
  const source = { ...onCircles(CLASSES), record, version: async () => "1" };
  const hashes = await Promise.all(
    ["wren/0.png", "owl/3.png", "gone.png"].map(async (path) => (await record(path)).hash),
  );
  const learned = { has: (hash: Uint8Array) => hashes.some((each) => each.equals(hash)) };
  const nowhere = join(root, "nowhere");
  expect((await reviewLabels(nowhere, source, { learned })).warnings.join()).toMatch(
    /trained on 2 images of these by their labels/,
  );
  expect((await reviewLabels(nowhere, source, { learned: { has: () => false } })).warnings).toEqual([]);
  expect((await reviewLabels(nowhere, source)).warnings).toEqual([]);
});

test("a label of one image, and a clean one of two, are no suspects and counted apart", async () => {
  // The two find each other, and each has two owls behind it; the single one lies among owls.
  const source = onCircles({ ...CLASSES, "gull/1.png": [60, 60], "gull/2.png": [64, 64], "hawk/1.png": [93, 93] });
  const { suspicious, unjudged, classes } = await findSuspiciousLabels(source);
  expect(suspicious).toEqual([]);
  expect([unjudged, classes]).toEqual([3, 4]);
  // Two of a label that do not find each other may be suspects.
  const apart = await findSuspiciousLabels(onCircles({ ...CLASSES, "gull/1.png": [3, 3], "gull/2.png": [93, 93] }));
  expect(apart.suspicious.map(({ path, suggested }) => [path, suggested]).sort()).toEqual([
    ["gull/1.png", "wren"],
    ["gull/2.png", "owl"],
  ]);
  expect(apart.unjudged).toBe(0);
});

test("an image with several labels has none to be judged by, and one that was told before is no suspect", async () => {
  const labels = fromFile(new Map(Object.keys(CLASSES).map((path) => [path, path.split("/")[0]!])));
  const several = new Map<string, string[]>([
    ...labels.byPath,
    ["wren/0.png", ["wren", "owl"]],
    ["wren/1.png", ["owl"]],
  ]);
  const odd = { ...labels, byPath: several };
  expect(await findSuspiciousLabels(onCircles(CLASSES), { labels: odd })).toMatchObject({
    images: 9,
    suspicious: [{ path: "wren/1.png" }],
  });
  const told = await findSuspiciousLabels(onCircles(CLASSES), { labels: odd }, new Set(["wren/1.png"]));
  expect(told.suspicious).toEqual([]);
});

test("descriptors that do not agree lower the confidence", async () => {
  // In the second branch it lies among its own; combined is undecided but for the first.
  const source = onCircles({ ...CLASSES, "wren/odd.png": [94, 30] });
  const { suspicious } = await findSuspiciousLabels(source);
  expect(suspicious).toEqual([
    { path: "wren/odd.png", label: "wren", suggested: "owl", votes: 5, k: 5, confidence: 0.5 },
  ]);
});

/** Labels as they are read from a file without a column `split`. */
function fromFile(labels: ReadonlyMap<string, string>) {
  const byPath = new Map([...labels].map(([path, label]) => [path, [label]]));
  return { byPath, parts: new Map(), unsplit: new Map(), warnings: [], file: "/labels.csv" };
}

test("labels of a file count instead of folders; images without one are left out", async () => {
  const labels = new Map(Object.keys(CLASSES).map((path) => [path, path.startsWith("wren") ? "owl" : "wren"]));
  labels.set("wren/0.png", "wren");
  labels.delete("owl/4.png");
  const read = { ...fromFile(labels), warnings: ["Told when it was read."] };
  const { images, classes, suspicious, warnings } = await findSuspiciousLabels(onCircles(CLASSES), { labels: read });
  expect(warnings).toEqual(["Told when it was read."]);
  expect([images, classes]).toEqual([9, 2]);
  expect(suspicious).toEqual([{ path: "wren/0.png", label: "wren", suggested: "owl", votes: 4, k: 4, confidence: 1 }]);
});

test("what cannot be asked is an error that says why", async () => {
  await expect(findSuspiciousLabels(onCircles(CLASSES), { k: 0 })).rejects.toThrow(/1 or more/);
  const flat = onCircles({ "a.png": [0, 0], "b.png": [5, 5] });
  await expect(findSuspiciousLabels(flat)).rejects.toThrow(
    /No indexed image has exactly one label: two.*folder per label/,
  );
  const labels = fromFile(new Map([["a.png", "one"]]));
  await expect(findSuspiciousLabels(flat, { labels })).rejects.toThrow(QueryError);
  await expect(findSuspiciousLabels(flat, { labels })).rejects.toThrow(/have the same one: two.*labels file/);
  const stopped = AbortSignal.abort();
  await expect(findSuspiciousLabels(onCircles(CLASSES), { signal: stopped })).rejects.toThrow(/abort/i);
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-suspicious-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("of emoji whose labels were exchanged, most are found", async () => {
  const { folder, images } = await ensureEmoji({ classes: 16 });
  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  const index = await FolderIndex.open(folder, pool, ensureDefaultModel(), { location: root, adapt: false });
  try {
    await index.update();
    const labels = new Map(images.map(({ path, label }) => [path, label]));
    // Every ninth image gets the label of the class after its own.
    const classes = [...new Set(labels.values())];
    const swapped = new Set(images.filter((_, i) => i % 9 === 4).map(({ path }) => path));
    for (const path of swapped) labels.set(path, classes[(classes.indexOf(labels.get(path)!) + 1) % classes.length]!);
    const { suspicious } = await findSuspiciousLabels(index.source(), { labels: fromFile(labels) });
    const truth = new Map(images.map(({ path, label }) => [path, label]));
    const rates = (from: number) => {
      const listed = suspicious.filter(({ confidence }) => confidence >= from);
      const found = listed.filter(({ path, suggested }) => swapped.has(path) && suggested === truth.get(path));
      return { listed: listed.length, found: found.length };
    };
    for (const from of [0, 0.5, 0.75]) {
      const { listed, found } = rates(from);
      console.log(`confidence >= ${from}: ${found} of ${swapped.size} exchanged labels among ${listed} listed`);
    }
    expect(rates(0).found / swapped.size).toBeGreaterThan(0.3);
    expect(rates(0).found / rates(0).listed).toBeGreaterThan(0.3);
  } finally {
    await index.close();
    await pool.release();
  }
}, 120_000);
