import { UMAP } from "umap-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NeighbourSearch, type Rows } from "../../../src/core/neighbours/neighbourSearch.ts";
import { Random } from "../../../src/core/neighbours/random.ts";
import { CoefficientTable } from "../../../src/core/projection/coefficientTable.ts";
import { fitCurve } from "../../../src/core/projection/curve.ts";
import { neighbourhoods } from "../../../src/core/projection/findNeighbours.ts";
import { fuzzyGraph, type Neighbourhoods } from "../../../src/core/projection/fuzzyGraph.ts";
import { epochsFor } from "../../../src/core/projection/layout.ts";
import { runLayout } from "../../../src/core/projection/layoutTask.ts";
import { measuredRows, measureMaps } from "../../../src/core/projection/quality.ts";
import { clusteredImages, rowsOf, vectorsOf } from "./support.ts";

const COUNT = 800;
let rows: Rows;
let search: NeighbourSearch;
let near: Neighbourhoods;

beforeAll(async () => {
  rows = rowsOf(await vectorsOf(clusteredImages(COUNT)));
  search = await NeighbourSearch.create(3);
  const tables = await search.nearest(rows, rows, 15, (q) => q);
  near = neighbourhoods(tables[3]!, 15);
});
afterAll(() => search.release());

/** The reference, fed with the same neighbours: it counts the point itself as the first of them. */
function reference(): UMAP {
  const random = new Random(5);
  const umap = new UMAP({ nNeighbors: 15, minDist: 0.1, random: () => random.unit() });
  const lists = Array.from({ length: COUNT }, (_, i) => [...near.indices.subarray(i * near.k, (i + 1) * near.k)]);
  const distances = lists.map((_, i) => [...near.distances.subarray(i * near.k, (i + 1) * near.k)]);
  umap.setPrecomputedKNN(
    lists.map((list, i) => [i, ...list]),
    distances.map((list) => [0, ...list]),
  );
  umap.initializeFit(lists.map(() => [0]));
  return umap;
}

function start(): Float32Array {
  const random = new Random(3);
  return Float32Array.from({ length: 2 * COUNT }, () => 20 * random.unit() - 10);
}

test("the curve has the parameters that umap-learn's documentation and source give", () => {
  for (const [minDist, a, b] of [
    [0.1, 1.5769, 0.8951],
    [0, 1.9328, 0.7905],
    [0.5, 0.583, 1.3342],
  ] as const) {
    expect(fitCurve(minDist).a).toBeCloseTo(a, 3);
    expect(fitCurve(minDist).b).toBeCloseTo(b, 3);
  }
  const steepest = fitCurve(0.99);
  expect(steepest.a).toBeGreaterThan(0);
  expect(steepest.b).toBeGreaterThan(1.5);
});

test("the table is within 1e-4 of the function, and ends where the function ends", () => {
  const of = (squared: number) => 1 / (0.001 + squared ** 0.9);
  const table = new CoefficientTable(of);
  for (let squared = 1e-9; squared < 1e9; squared *= 1.37)
    expect(Math.abs(table.at(squared) / of(squared) - 1)).toBeLessThan(1e-4);
  expect(table.at(1e30)).toBeCloseTo(0, 5);
  expect(table.at(1e-30)).toBeCloseTo(1000, 0);
});

test("the fuzzy graph has the edges and weights of umap-js", () => {
  const graph = fuzzyGraph(near);
  const { graph: expected } = reference() as unknown as {
    graph: { getAll(): { row: number; col: number; value: number }[] };
  };
  const weights = new Map([...graph.heads].map((head, e) => [head * COUNT + graph.tails[e]!, graph.weights[e]!]));
  const edges = expected.getAll().filter(({ value }) => value > 0);
  expect(weights.size).toBe(graph.heads.length);
  // Weights below what float32 holds are no edges here.
  expect(edges.filter(({ value }) => value > 1e-30)).toHaveLength(weights.size);
  for (const { row, col, value } of edges) expect(weights.get(row * COUNT + col) ?? 0).toBeCloseTo(value, 4);
});

test("the layout is as trustworthy as that of umap-js, within 0.01", async () => {
  const umap = reference();
  const epochs = epochsFor(COUNT);
  for (let epoch = 0; epoch < epochs; epoch++) umap.step();
  const theirs = Float32Array.from(umap.getEmbedding().flat());
  const ours = runLayout({ neighbourhoods: near, start: start(), minDist: 0.1, seed: 1 });
  const measured = measuredRows(COUNT, 1);
  const [, , , one] = await measureMaps(search, rows, [null, null, null, theirs], measured);
  const [, , , other] = await measureMaps(search, rows, [null, null, null, ours], measured);
  expect(one!.trustworthiness).toBeGreaterThan(0.9);
  expect(other!.trustworthiness!).toBeGreaterThan(one!.trustworthiness! - 0.01);
  expect(other!.neighbourPreservation!).toBeGreaterThan(one!.neighbourPreservation! - 0.02);
});

test("the same seed gives the same bits, another seed another map", () => {
  const make = (seed: number) => runLayout({ neighbourhoods: near, start: start(), minDist: 0.1, seed });
  const one = make(1);
  expect(Buffer.from(make(1).buffer).equals(Buffer.from(one.buffer))).toBe(true);
  expect(make(2)).not.toEqual(one);
});

test("new points go to their neighbours, and the others stay where they are to the bit", () => {
  const whole = runLayout({ neighbourhoods: near, start: start(), minDist: 0.1, seed: 1 });
  const placed = new Uint8Array(COUNT).fill(1);
  const added = [10, 200, 201, 777];
  const begin = whole.slice();
  for (const row of added) {
    placed[row] = 0;
    begin.fill(Number.NaN, 2 * row, 2 * row + 2);
  }
  const refined = runLayout({ neighbourhoods: near, start: begin, placed, minDist: 0.1, seed: 1 });
  const distance = (i: number, j: number) =>
    Math.hypot(refined[2 * i]! - refined[2 * j]!, refined[2 * i + 1]! - refined[2 * j + 1]!);
  for (let row = 0; row < COUNT; row++) {
    if (placed[row] === 1) {
      expect(refined[2 * row]).toBe(whole[2 * row]);
      continue;
    }
    const list = [...near.indices.subarray(row * near.k, (row + 1) * near.k)];
    const toNeighbours = list.map((j) => distance(row, j)).sort((a, b) => a - b)[list.length >> 1]!;
    const toAll = Array.from({ length: COUNT }, (_, j) => distance(row, j)).sort((a, b) => a - b)[COUNT >> 1]!;
    expect(toNeighbours).toBeLessThan(toAll / 3);
  }
});

test("a group of new points that knows only itself still gets a place in the map", () => {
  const placed = Uint8Array.of(1, 1, 0, 0);
  const island: Neighbourhoods = {
    count: 4,
    k: 1,
    indices: Int32Array.of(1, 0, 3, 2),
    distances: new Float32Array(4).fill(0.1),
  };
  const begin = Float32Array.of(-5, -5, 5, 5, Number.NaN, Number.NaN, Number.NaN, Number.NaN);
  const points = runLayout({ neighbourhoods: island, start: begin, placed, minDist: 0.1, seed: 1 });
  expect([...points.subarray(0, 4)]).toEqual([-5, -5, 5, 5]);
  for (const value of points) expect(Number.isFinite(value)).toBe(true);
});
