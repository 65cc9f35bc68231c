import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { figuresOf, type RetrievalTask, rankQueries } from "../../../src/core/evaluation/index.ts";
import { referenceOf } from "./reference.ts";

const NAMES = ["spoc", "mac", "gem", "crow"];

/** Vectors around a centre per class, so that some queries find the right class and some do not. */
function task(branches: number, count: number, classes: number, spread = 1): RetrievalTask {
  const random = xoroshiro128plus(branches + count);
  const dims = NAMES.slice(0, branches).map((_, b) => 4 + b);
  const labels = Int32Array.from({ length: count }, () => uniformInt(random, 0, classes - 1));
  const matrices = dims.map((dim) => {
    const centres = Float32Array.from({ length: classes * dim }, () => uniformFloat32(random) - 0.5);
    const matrix = new Float32Array(count * dim);
    for (let row = 0; row < count; row++) {
      const values = Array.from(
        { length: dim },
        (_, i) => centres[labels[row]! * dim + i]! + spread * (uniformFloat32(random) - 0.5),
      );
      const norm = Math.hypot(...values);
      matrix.set(
        values.map((value) => value / norm),
        row * dim,
      );
    }
    return matrix;
  });
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  return { names: NAMES.slice(0, branches), dims, count, matrices, classes: labels, queries: rows, gallery: rows };
}

/** On a circle: nearness of the angle is the order of the scores. */
function circle(points: readonly (readonly [label: number, angle: number])[]): RetrievalTask {
  const rows = Int32Array.from(points.keys());
  return {
    names: ["spoc"],
    dims: [2],
    count: points.length,
    matrices: [Float32Array.from(points.flatMap(([, angle]) => [Math.cos(angle), Math.sin(angle)]))],
    classes: Int32Array.from(points, ([label]) => label),
    queries: rows,
    gallery: rows,
  };
}

async function agree(given: RetrievalTask): Promise<void> {
  const ranking = await rankQueries(given);
  const expected = [...given.queries].filter((row) => referenceOf(given, row, [0]) !== null);
  expect([...ranking.queries]).toEqual(expected);
  for (const { branches, key, lists, ...found } of ranking.columns) {
    for (const [q, row] of ranking.queries.entries()) {
      const { first, averagePrecision, rPrecision, list } = referenceOf(given, row, branches)!;
      expect([key, row, found.first[q]]).toEqual([key, row, first]);
      expect(found.averagePrecision[q]).toBeCloseTo(averagePrecision, 12);
      expect(found.rPrecision[q]).toBeCloseTo(rPrecision, 12);
      if (lists === null) continue;
      const told = [...lists.rows.subarray(q * lists.k, (q + 1) * lists.k)].filter((other) => other >= 0);
      expect(told).toEqual(list.slice(0, lists.k));
    }
    for (const [i, q] of (ranking.queriesWithoutCopies ?? []).entries()) {
      const expected = referenceOf(given, ranking.queries[q]!, branches, true)!;
      expect(found.withoutCopies!.first[i]).toBe(expected.first);
      expect(found.withoutCopies!.averagePrecision[i]).toBeCloseTo(expected.averagePrecision, 12);
      expect(found.withoutCopies!.rPrecision[i]).toBeCloseTo(expected.rPrecision, 12);
    }
  }
}

test("counts by hand: a perfect list, a wrong one between, a wrong one first", async () => {
  const given = circle([
    [0, 0],
    [0, 0.1],
    [1, 0.25],
    [0, 0.5],
    [2, 2],
  ]);
  const ranking = await rankQueries(given);
  // Lists of the three of class 0: 0 0 1, 0 1 0, 1 0 0. Classes 1 and 2 have nobody to find.
  expect([...ranking.queries]).toEqual([0, 1, 3]);
  expect([...ranking.lone]).toEqual([2, 4]);
  const { metrics } = figuresOf(ranking, given, [1, 2, 4]).descriptors["combined"]!;
  expect(metrics["recall@1"]).toBeCloseTo(2 / 3, 12);
  expect(metrics["recall@2"]).toBe(1);
  expect(metrics["map@r"]).toBeCloseTo((1 / 2 + 1 / 2 + 1 / 4) / 3, 12);
  expect(metrics["r-precision"]).toBeCloseTo(1 / 2, 12);
  expect(metrics["mrr"]).toBeCloseTo((1 + 1 + 1 / 2) / 3, 12);
});

test.each([1, 2, 3, 4])("%i branches: every subset agrees with the definitions", async (branches) => {
  const given = task(branches, 70, 6);
  await agree(given);
  const keys = (await rankQueries(given)).columns.map(({ key }) => key);
  if (branches === 3) expect(keys).toEqual(["spoc", "mac", "gem", "spoc+mac", "spoc+gem", "mac+gem", "combined"]);
  expect(keys).toHaveLength(branches === 1 ? 2 : 2 ** branches - 1);
});

test("few large classes, many small ones, and images without a label", async () => {
  await agree(task(3, 90, 2, 3));
  await agree(task(3, 90, 45));
  const given = task(2, 60, 8);
  const classes = given.classes.map((number, row) => (row % 7 === 0 ? -1 : number));
  await agree({ ...given, classes });
});

test("queries and gallery apart, and a query that is in the gallery is not its own answer", async () => {
  const given = task(3, 80, 6);
  await agree({ ...given, queries: given.queries.subarray(0, 30), gallery: given.gallery.subarray(30) });
  await agree({ ...given, queries: given.queries.subarray(0, 30), gallery: given.gallery.subarray(20) });
  const nothing = await rankQueries({ ...given, gallery: new Int32Array() });
  expect([nothing.queries.length, nothing.lone.length]).toEqual([0, 80]);
});

test("of equal scores the path that comes first is ahead, also between classes", async () => {
  const given = circle([
    [1, 0],
    [0, 0],
    [0, 0],
    [1, 0],
    [0, 0],
    [1, 1],
  ]);
  await agree(given);
  const ranking = await rankQueries(given);
  expect([...ranking.columns[0]!.first]).toEqual([3, 2, 2, 1, 2, 1]);
});

test("copies of a query are left out as answers, whatever their label", async () => {
  const given = task(3, 60, 5);
  const copies = new Int32Array(60).fill(-1);
  for (const [group, rows] of [
    [0, 1, 2],
    [10, 11],
    [20, 40, 41, 42],
  ].entries()) {
    for (const row of rows) {
      copies[row] = group;
      for (const [b, dim] of given.dims.entries()) {
        given.matrices[b]!.copyWithin(row * dim, rows[0]! * dim, (rows[0]! + 1) * dim);
      }
    }
  }
  await agree({ ...given, copies });
  const none = await rankQueries({ ...given, copies: new Int32Array(60).fill(-1) });
  expect(none.queriesWithoutCopies).toBeNull();
  // Two of a class, each other's copy: nothing is left to find.
  const pair = {
    ...circle([
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1.1],
    ]),
    copies: Int32Array.of(0, 0, -1, -1),
  };
  expect([...(await rankQueries(pair)).queriesWithoutCopies!]).toEqual([2, 3]);
});

test("in threads the same is found, whatever the order of the blocks", async () => {
  const given = task(3, 900, 40);
  const copies = new Int32Array(900).fill(-1);
  for (const row of [3, 300, 301, 899]) copies[row] = 0;
  const plain = { ...given, copies };
  const told: number[] = [];
  const found = await rankQueries(plain, { threads: true, onProgress: (done) => told.push(done) });
  expect(found).toEqual(await rankQueries(plain, { threads: false }));
  expect(told).toEqual([256, 512, 768, 900]);
  expect(found.queriesWithoutCopies).toHaveLength(900);
});

test("a cancel while threads are ranking ends it", async () => {
  const abort = new AbortController();
  const work = rankQueries(task(3, 900, 40), {
    threads: true,
    signal: abort.signal,
    onProgress: () => abort.abort(new Error("enough")),
  });
  await expect(work).rejects.toThrow("enough");
});

test("a cancel ends it between two blocks", async () => {
  const abort = new AbortController();
  const given = task(1, 300, 5);
  const told: number[] = [];
  const work = rankQueries(given, {
    signal: abort.signal,
    onProgress: (done) => {
      told.push(done);
      abort.abort(new Error("enough"));
    },
  });
  await expect(work).rejects.toThrow("enough");
  expect(told).toEqual([256]);
});
