import { afterAll, beforeAll, expect, test } from "vitest";
import { NeighbourSearch, type Rows } from "../../../src/core/neighbours/neighbourSearch.ts";
import { Random } from "../../../src/core/neighbours/random.ts";
import { measuredRows, measureMaps, qualityNeighbours } from "../../../src/core/projection/quality.ts";
import { clusteredImages, ranking, rowsOf, vectorsOf } from "./support.ts";

let search: NeighbourSearch;
beforeAll(async () => {
  search = await NeighbourSearch.create(3);
});
afterAll(() => search.release());

function randomMap(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: 2 * count }, () => random.unit());
}

/** The definition as it stands in the paper, one image after the other. */
function direct(rows: Rows, column: number, map: Float32Array, k: number, asked: Iterable<number>) {
  let penalty = 0;
  let kept = 0;
  let n = 0;
  for (const i of asked) {
    n++;
    const high = ranking(rows, column, i);
    const distance = (j: number) => (map[2 * i]! - map[2 * j]!) ** 2 + (map[2 * i + 1]! - map[2 * j + 1]!) ** 2;
    const low = [...high].sort((a, b) => distance(a) - distance(b)).slice(0, k);
    for (const j of low) {
      const rank = high.indexOf(j) + 1;
      if (rank > k) penalty += rank - k;
      else kept++;
    }
  }
  const norm = 2 / (n * k * (2 * rows.count - 3 * k - 1));
  return { trustworthiness: 1 - norm * penalty, neighbourPreservation: kept / (n * k) };
}

test("trustworthiness and neighbour preservation are those of the definition", async () => {
  const rows = rowsOf(await vectorsOf(clusteredImages(120)));
  const maps = [randomMap(120, 1), null, randomMap(120, 2), randomMap(120, 3)];
  const measured = await measureMaps(search, rows, maps, measuredRows(120, 1));
  expect(measured[1]).toEqual({ trustworthiness: null, neighbourPreservation: null });
  for (const column of [0, 2, 3]) {
    const expected = direct(rows, column, maps[column]!, 15, measuredRows(120, 1));
    expect(measured[column]!.trustworthiness).toBeCloseTo(expected.trustworthiness, 9);
    expect(measured[column]!.neighbourPreservation).toBeCloseTo(expected.neighbourPreservation, 9);
    expect(expected.trustworthiness).toBeLessThan(0.7);
  }
});

test("a map that is the descriptor space itself is perfect", async () => {
  // Points on an arc in every branch: the angle alone decides all ranks.
  const random = new Random(4);
  const angles = Array.from({ length: 60 }, () => random.unit());
  const matrix = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  const rows: Rows = { count: 60, dims: [2, 2, 2], matrices: [matrix, matrix, matrix] };
  const measured = await measureMaps(search, rows, [matrix, matrix, matrix, matrix], measuredRows(60, 1));
  for (const quality of measured) {
    expect(quality.trustworthiness).toBeGreaterThan(0.9999);
    expect(quality.neighbourPreservation).toBeGreaterThan(0.99);
  }
});

test("many images are asked by a draw that the seed decides, each against all", async () => {
  const drawn = measuredRows(5000, 7);
  expect(drawn).toHaveLength(1000);
  expect(new Set(drawn).size).toBe(1000);
  expect(measuredRows(5000, 7)).toEqual(drawn);
  expect(measuredRows(5000, 8)).not.toEqual(drawn);
  expect(measuredRows(2000, 7)).toHaveLength(2000);
  const rows = rowsOf(await vectorsOf(clusteredImages(200)));
  const map = randomMap(200, 5);
  const asked = Int32Array.of(3, 150, 77);
  const [quality] = await measureMaps(search, rows, [map, null, null, null], asked);
  expect(quality!.trustworthiness).toBeCloseTo(direct(rows, 0, map, 15, asked).trustworthiness, 9);
});

test("of fewer than three times the neighbours that are asked no quality is measured", async () => {
  expect([0, 1, 3, 30, 44, 45, 1000].map(qualityNeighbours)).toEqual([0, 0, 0, 0, 0, 15, 15]);
  const rows = rowsOf(await vectorsOf(clusteredImages(44)));
  const [quality] = await measureMaps(search, rows, [randomMap(44, 1), null, null, null], measuredRows(44, 1));
  expect(quality).toEqual({ trustworthiness: null, neighbourPreservation: null });
});
