import { afterAll, beforeAll, expect, test } from "vitest";
import { NeighbourSearch } from "../../../src/core/neighbours/neighbourSearch.ts";
import { updateNeighbours } from "../../../src/core/neighbours/updateNeighbours.ts";
import { clusteredImages, cosine, listOf, ranking, rowsOf, vectorsOf } from "../projection/support.ts";

let search: NeighbourSearch;
beforeAll(async () => {
  search = await NeighbourSearch.create(3);
});
afterAll(() => search.release());

test("finds what sorting all scores finds, per branch and combined, in several chunks", async () => {
  const rows = rowsOf(await vectorsOf(clusteredImages(700)));
  const progress: number[] = [];
  const tables = await search.nearest(rows, rows, 12, (q) => q, { onProgress: (done) => progress.push(done) });
  expect(tables).toHaveLength(4);
  expect(progress).toEqual([512, 700]);
  for (const [column, table] of tables.entries()) {
    expect(table).toMatchObject({ count: 700, k: 12 });
    for (let row = 0; row < 700; row += 37) {
      expect(listOf(table, row)).toEqual(ranking(rows, column, row).slice(0, 12));
      expect(table.scores[row * 12]).toBeCloseTo(cosine(rows, column, row, table.indices[row * 12]!), 5);
    }
  }
});

test("lists as many as there are; a row never finds itself, not even among its copies", async () => {
  const one = [...clusteredImages(1).values()][0]!;
  const copies = new Map(Array.from({ length: 20 }, (_, i) => [`${i}.png`, one]));
  const rows = rowsOf(await vectorsOf(copies));
  for (const k of [5, 19, 50]) {
    const [table] = await search.nearest(rows, rows, k, (q) => q);
    expect(table!.k).toBe(Math.min(k, 19));
    for (let row = 0; row < 20; row++) {
      const list = listOf(table!, row);
      expect(list).not.toContain(row);
      expect(new Set(list).size).toBe(table!.k);
    }
  }
});

test("an update gives the same tables as a search anew", async () => {
  const images = clusteredImages(300);
  const extra = clusteredImages(320, 9);
  const before = await vectorsOf(images);
  const old = await search.nearest(rowsOf(before), rowsOf(before), 10, (q) => q);
  const paths = [...images.keys()];
  for (const path of paths.slice(20, 32)) images.delete(path);
  images.set(paths[100]!, [...extra.values()][3]!);
  for (const [path, embedding] of [...extra].slice(300)) images.set(`new/${path}`, embedding);
  const after = await vectorsOf(images);
  const origin = Int32Array.from(after.paths, (path) => (path === paths[100] ? -1 : before.paths.indexOf(path)));
  const updated = await updateNeighbours(search, rowsOf(after), 10, old, origin);
  const anew = await search.nearest(rowsOf(after), rowsOf(after), 10, (q) => q);
  for (const [column, table] of anew.entries()) {
    expect(updated[column]!.indices).toEqual(table.indices);
    for (const [i, score] of table.scores.entries()) expect(updated[column]!.scores[i]).toBeCloseTo(score, 5);
  }
});

test("stops between two chunks", async () => {
  const rows = rowsOf(await vectorsOf(clusteredImages(1200)));
  const abort = new AbortController();
  const seen: number[] = [];
  const onProgress = (done: number) => {
    seen.push(done);
    abort.abort(new Error("enough"));
  };
  await expect(search.nearest(rows, rows, 5, (q) => q, { signal: abort.signal, onProgress })).rejects.toThrow("enough");
  expect(seen).toEqual([512]);
});
