import { afterAll, beforeAll, expect, test } from "vitest";
import { approximateNeighbours } from "../../../src/core/neighbours/approximateNeighbours.ts";
import { NeighbourSearch, type Rows } from "../../../src/core/neighbours/neighbourSearch.ts";
import { clusteredVectors } from "../../fixtures/clusteredVectors.ts";
import { cosine, listOf } from "../projection/support.ts";

let search: NeighbourSearch;
beforeAll(async () => {
  search = await NeighbourSearch.create(3);
});
afterAll(() => search.release());

function clustered(count: number): Rows {
  const dims = [48, 32, 64];
  return { count, dims, matrices: clusteredVectors({ count, dims, classes: 40, seed: 3 }).matrices };
}

test("finds nearly all of what an exact search finds, with exact scores, the best first, and the same again", async () => {
  const rows = clustered(3000);
  const progress: number[] = [];
  const found = await approximateNeighbours(search, rows, 15, { onProgress: (done) => progress.push(done) });
  const exact = await search.nearest(rows, rows, 15, (row) => row);
  expect(found).toHaveLength(4);
  for (const [column, table] of found.entries()) {
    expect(table).toMatchObject({ count: 3000, k: 15 });
    let shared = 0;
    for (let row = 0; row < 3000; row++) {
      const wanted = new Set(listOf(exact[column]!, row));
      shared += listOf(table, row).filter((other) => wanted.has(other)).length;
    }
    expect(shared / (3000 * 15)).toBeGreaterThan(0.98);
    for (let row = 0; row < 3000; row += 59) {
      const list = listOf(table, row);
      expect(list).not.toContain(row);
      expect(new Set(list).size).toBe(15);
      const scores = table.scores.subarray(15 * row, 15 * (row + 1));
      expect([...scores]).toEqual([...scores].sort((a, b) => b - a));
      for (const [j, other] of list.entries()) expect(scores[j]).toBeCloseTo(cosine(rows, column, row, other), 5);
    }
  }
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(3000);
  const again = await approximateNeighbours(search, rows, 15, {});
  for (const [column, table] of found.entries()) expect(again[column]).toEqual(table);
});

test("rows that are all the same have neighbours too, never themselves", async () => {
  const one = clustered(1);
  const matrices = one.matrices.map((row) =>
    Float32Array.from({ length: 400 * row.length }, (_, i) => row[i % row.length]!),
  );
  const rows: Rows = { count: 400, dims: one.dims, matrices };
  for (const table of await approximateNeighbours(search, rows, 15, {})) {
    for (let row = 0; row < 400; row++) {
      const list = listOf(table, row);
      expect(list).not.toContain(row);
      expect(new Set(list).size).toBe(15);
      expect(table.scores[15 * row]).toBeCloseTo(1, 5);
    }
  }
});

test("no more neighbours than there are", async () => {
  for (const count of [1, 2, 7]) {
    const rows = clustered(count);
    const exact = await search.nearest(rows, rows, 15, (row) => row);
    const found = await approximateNeighbours(search, rows, 15, {});
    for (const [column, table] of found.entries()) {
      expect(table.k).toBe(count - 1);
      expect(table.indices).toEqual(exact[column]!.indices);
    }
  }
});

test("stops with the signal's reason", async () => {
  const abort = new AbortController();
  const run = approximateNeighbours(search, clustered(3000), 15, {
    signal: abort.signal,
    onProgress: (done) => done > 500 && abort.abort(new Error("stopped by the test")),
  });
  await expect(run).rejects.toThrow("stopped by the test");
});
