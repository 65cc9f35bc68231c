import { expect, test } from "vitest";
import { ExactSearch, Gallery, nameResult } from "../../../src/core/search/index.ts";

const DIMS = [4, 6, 5];
const BRANCHES = ["spoc", "mac", "gem"];

/** A small generator with a seed, so that a failure can be repeated. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

function randomGallery(count: number): Gallery {
  const next = randoms(7);
  const gallery = new Gallery(DIMS);
  const dim = DIMS.reduce((sum, d) => sum + d, 0);
  for (let i = 0; i < count; i++) gallery.set(`${i}.png`, Float32Array.from({ length: dim }, next));
  return gallery;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

test("agrees with plain arithmetic in every column, and combined is the mean of the branches", async () => {
  const gallery = randomGallery(500);
  const search = await ExactSearch.create(DIMS.length);
  const query = DIMS.map((_, b) => gallery.embedding(42, b));
  const result = await search.run(query, gallery, 20, { without: [42] });
  await search.release();

  const expected = DIMS.map((_, b) =>
    Array.from({ length: 500 }, (_, row) => cosine(query[b]!, gallery.embedding(row, b))),
  );
  expected.push(
    Array.from({ length: 500 }, (_, row) => (expected[0]![row]! + expected[1]![row]! + expected[2]![row]!) / 3),
  );
  for (const [c, column] of expected.entries()) {
    const order = [...column.keys()].filter((row) => row !== 42).sort((a, b) => column[b]! - column[a]!);
    expect(result[c]!.top).toEqual(order.slice(0, 20));
    for (const [row, score] of column.entries()) expect(result[c]!.scores[row]).toBeCloseTo(score, 5);
  }
});

test("a row has the same bits wherever it lies, and what was removed is not found", async () => {
  const next = randoms(3);
  const same = Float32Array.from({ length: DIMS.reduce((sum, d) => sum + d, 0) }, next);
  const gallery = randomGallery(97);
  for (const i of [0, 1, 30, 31, 32, 63, 64, 95]) gallery.set(`${i}.png`, same);
  gallery.delete("96.png");
  const search = await ExactSearch.create(DIMS.length);
  const result = await search.run(gallery.branches(5), gallery, 200);
  await search.release();
  for (const { scores, top } of result) {
    expect(scores.length).toBe(96);
    expect(top.length).toBe(96);
    expect(new Set([0, 1, 30, 31, 32, 63, 64, 95].map((row) => scores[row])).size).toBe(1);
  }
});

test("names every image of every list with all its scores", async () => {
  const gallery = randomGallery(50);
  const search = await ExactSearch.create(DIMS.length);
  const query = DIMS.map((_, b) => gallery.embedding(0, b));
  const { results, scores } = nameResult(await search.run(query, gallery, 5), BRANCHES, gallery);
  await search.release();

  expect(Object.keys(results)).toEqual(["spoc", "mac", "gem", "combined"]);
  expect(results["combined"]![0]).toMatchObject({ rank: 1, path: "0.png" });
  expect(results["combined"]![0]!.score).toBeCloseTo(1, 5);
  for (const [column, list] of Object.entries(results)) {
    expect(list.map((item) => item.rank)).toEqual([1, 2, 3, 4, 5]);
    for (const { path, score } of list) expect(scores[path]![column]).toBe(score);
  }
});

test("an empty gallery gives empty lists, and a short one short lists", async () => {
  const search = await ExactSearch.create(DIMS.length);
  const query = DIMS.map((dim) => new Float32Array(dim).fill(1));
  const none = await search.run(query, new Gallery(DIMS), 20);
  const few = await search.run(query, randomGallery(3), 20, { without: [1] });
  await search.release();
  expect(none.map((column) => column.top)).toEqual([[], [], [], []]);
  for (const { top } of few) expect([...top].sort()).toEqual([0, 2]);
});

test("weighted combined is ranked over all rows, not over the lists of the branches", async () => {
  const gallery = randomGallery(400);
  const search = await ExactSearch.create(DIMS.length);
  const query = DIMS.map((_, b) => gallery.embedding(3, b));
  const shares = [0.7, 0.05, 0.25];
  const result = await search.run(query, gallery, 7, { shares, without: [3] });
  await search.release();
  const expected = Array.from({ length: 400 }, (_, row) =>
    DIMS.reduce((sum, _dim, b) => sum + shares[b]! * cosine(query[b]!, gallery.embedding(row, b)), 0),
  );
  const order = [...expected.keys()].filter((row) => row !== 3).sort((a, b) => expected[b]! - expected[a]!);
  const combined = result.at(-1)!;
  expect(combined.top).toEqual(order.slice(0, 7));
  for (const [row, score] of expected.entries()) expect(combined.scores[row]).toBeCloseTo(score, 5);
});

test("rows that may not be found leave room for others, and lists end at the lowest score asked for", async () => {
  const gallery = randomGallery(300);
  const search = await ExactSearch.create(DIMS.length);
  const query = DIMS.map((_, b) => gallery.embedding(9, b));
  const within = (row: number) => row % 10 === 9;
  const result = await search.run(query, gallery, 12, { without: [9, 19], within });
  const few = await search.run(query, gallery, 12, { within: (row) => row < 2 });
  const none = await search.run(query, gallery, 12, { within: () => false });
  await search.release();
  for (const [c, { scores, top }] of result.entries()) {
    const allowed = [...scores.keys()].filter((row) => within(row) && row > 19);
    expect(top).toEqual(allowed.sort((a, b) => scores[b]! - scores[a]!).slice(0, 12));
    expect(few[c]!.top.toSorted()).toEqual([0, 1]);
    expect(none[c]!.top).toEqual([]);
  }
  const { results } = nameResult(
    result,
    BRANCHES,
    gallery,
    [...BRANCHES, "combined"].map(() => 0.3),
  );
  for (const [c, column] of [...BRANCHES, "combined"].entries()) {
    const kept = result[c]!.top.filter((row) => result[c]!.scores[row]! >= 0.3);
    expect(results[column]!.map(({ path }) => path)).toEqual(kept.map((row) => `${row}.png`));
    expect(kept.length).toBeLessThan(12);
  }
});
