import fc from "fast-check";
import { expect, test } from "vitest";
import { Gallery } from "../../../src/core/search/index.ts";

const DIMS = [2, 3];

/** An embedding that tells which path and version it belongs to, even after it was brought to norm 1. */
function embedding(seed: number): Float32Array {
  return Float32Array.of(Math.cos(seed), Math.sin(seed), Math.cos(seed), Math.sin(seed), 0);
}

test("behaves like a map from path to embedding, whatever is added, replaced and removed", () => {
  const step = fc.record({
    path: fc.integer({ min: 0, max: 12 }).map(String),
    seed: fc.option(fc.integer({ min: 1, max: 1000 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const gallery = new Gallery(DIMS);
      const model = new Map<string, number>();
      for (const { path, seed } of steps) {
        if (seed === null) {
          gallery.delete(path);
          model.delete(path);
        } else {
          gallery.set(path, embedding(seed));
          model.set(path, seed);
        }
      }
      expect(gallery.count).toBe(model.size);
      for (const [path, seed] of model) {
        const row = gallery.rowOf(path)!;
        expect(gallery.pathOf(row)).toBe(path);
        const expected = embedding(seed);
        expect(gallery.embedding(row, 0)[0]).toBeCloseTo(expected[0]!, 5);
        expect(gallery.embedding(row, 1)[1]).toBeCloseTo(expected[3]!, 5);
      }
      expect(gallery.matrix(1).length).toBe(3 * 32 * Math.ceil(model.size / 32));
    }),
  );
});

test("grows past its first capacity and keeps every row", () => {
  const gallery = new Gallery(DIMS);
  for (let i = 0; i < 1000; i++) gallery.set(`${i}`, embedding(i));
  expect(gallery.count).toBe(1000);
  for (const i of [0, 255, 256, 999]) {
    expect(gallery.embedding(gallery.rowOf(`${i}`)!, 0)[1]).toBeCloseTo(Math.sin(i), 5);
  }
});

test("in a block of 32 rows the values of one dimension lie side by side", () => {
  const gallery = new Gallery(DIMS);
  gallery.reserve(70);
  for (let i = 0; i < 70; i++) gallery.set(`${i}`, embedding(i));
  gallery.delete("0");
  const matrix = gallery.matrix(0);
  expect(matrix.length).toBe(3 * 32 * 2);
  for (let row = 1; row < 69; row++) {
    const place = Math.floor(row / 32) * 64 + (row % 32);
    expect(matrix[place]).toBeCloseTo(Math.cos(row), 6);
    expect(matrix[place + 32]).toBeCloseTo(Math.sin(row), 6);
  }
  // The last row moved into the gap.
  expect([...gallery.embedding(0, 0)]).toEqual([matrix[0], matrix[32]]);
  expect(matrix[0]).toBeCloseTo(Math.cos(69), 6);
});

test("brings branches to norm 1 and leaves zero vectors alone", () => {
  const gallery = new Gallery(DIMS);
  gallery.set("a", Float32Array.of(3, 4, 0, 0, 0));
  expect([...gallery.embedding(0, 0)].map((v) => Number(v.toFixed(6)))).toEqual([0.6, 0.8]);
  expect([...gallery.embedding(0, 1)]).toEqual([0, 0, 0]);
});
