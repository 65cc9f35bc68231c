import { afterAll, beforeAll, expect, test } from "vitest";
import { fitAside } from "../../../src/core/adaptation/fitAside.ts";
import { fitHead } from "../../../src/core/adaptation/fitHead.ts";
import { cholesky, gram, secondMoment, solveLower, solveUpper } from "../../../src/core/adaptation/linearAlgebra.ts";
import { Products } from "../../../src/core/adaptation/products.ts";

let products: Products;
beforeAll(async () => {
  products = await Products.open();
});
afterAll(() => products.release());

/** Deterministic numbers in -1..1. */
function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((max, x, i) => Math.max(max, Math.abs(x - b[i]!)), 0);

test("second moment and Gram matrix are the sums of their definitions", async () => {
  const [n, d] = [130, 7];
  const rows = numbers(n * d);
  const moment = await secondMoment(products, rows, d);
  const pairs = await gram(products, rows, d);
  const sum = (f: (k: number) => number, count: number) =>
    Array.from({ length: count }, (_, k) => f(k)).reduce((a, b) => a + b, 0);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      expect(moment[i * d + j]).toBeCloseTo(sum((r) => rows[r * d + i]! * rows[r * d + j]!, n) / n, 12);
    }
  }
  for (const [i, j] of [
    [0, 0],
    [3, 129],
    [129, 3],
  ] as const) {
    expect(pairs[i * n + j]).toBeCloseTo(
      sum((k) => rows[i * d + k]! * rows[j * d + k]!, d),
      12,
    );
  }
});

// Within a block of columns, just one, and several of which the last is not full.
test.each([40, 64, 150])(
  "Cholesky of %i columns: L L^T is the matrix, and both solves undo their factor",
  async (d) => {
    const matrix = await secondMoment(products, numbers(3 * d * d, 3), d);
    for (let i = 0; i < d; i++) matrix[i * d + i]! += 0.1;
    const factor = matrix.slice();
    await cholesky(products, factor, d);
    const lower = (i: number, j: number) => (j > i ? 0 : factor[i * d + j]!);
    const back = matrix.map((_, at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      let sum = 0;
      for (let k = 0; k < d; k++) sum += lower(i, k) * lower(j, k);
      return sum;
    });
    expect(worst(back, matrix)).toBeLessThan(1e-12);
    const x = numbers(2 * d, 5);
    const y = x.slice();
    await solveLower(products, factor, y, d);
    await solveUpper(products, factor, y, d);
    // A z = x, so A times z is x again.
    const product = x.map((_, at) => {
      const [r, i] = [Math.floor(at / d), at % d];
      let sum = 0;
      for (let k = 0; k < d; k++) sum += matrix[i * d + k]! * y[r * d + k]!;
      return sum;
    });
    expect(worst(product, x)).toBeLessThan(1e-10);
    await expect(cholesky(products, Float64Array.of(1, 2, 2, 1), 2)).rejects.toThrow("not positive definite");
  },
);

/** 80 pictures that differ in 3 of 12 directions, and views of each that differ in 3 others, ten times as much. */
function world(): { pictures: Float32Array; views: Float32Array; d: number } {
  const [n, each, d] = [80, 4, 12];
  const pictures = new Float32Array(n * d);
  const views = new Float32Array(n * each * d);
  const content = numbers(n * 3, 7);
  const nuisance = numbers(n * (1 + each) * 3, 11);
  const write = (target: Float32Array, offset: number, picture: number, view: number) => {
    target[offset] = 3;
    for (let k = 0; k < 3; k++) target[offset + 1 + k] = 0.1 * content[picture * 3 + k]!;
    for (let k = 0; k < 3; k++) target[offset + 4 + k] = nuisance[(picture * (1 + each) + view) * 3 + k]!;
    const row = target.subarray(offset, offset + d);
    const norm = Math.hypot(...row);
    for (let i = 0; i < d; i++) row[i]! /= norm;
  };
  for (let p = 0; p < n; p++) {
    write(pictures, p * d, p, 0);
    for (let v = 0; v < each; v++) write(views, (p * each + v) * d, p, 1 + v);
  }
  return { pictures, views, d };
}

test("the head finds a picture by its view, where the plain embedding finds another picture", async () => {
  const { pictures, views, d } = world();
  const head = await fitHead(pictures, views, d, { dim: 3, ridge: 1e-4, exponent: 0.2 });
  expect(head!.dim).toBe(3);
  const apply = (rows: Float32Array) => {
    const out: number[][] = [];
    for (let r = 0; r < rows.length; r += d) {
      const y = Array.from(
        head!.bias,
        (b, k) =>
          b + Array.from({ length: d }, (_, j) => rows[r + j]! * head!.weights[j * 3 + k]!).reduce((a, x) => a + x, 0),
      );
      const norm = Math.hypot(...y);
      out.push(y.map((x) => x / norm));
    }
    return out;
  };
  const found = (gallery: number[][], queries: number[][]) =>
    queries.filter((q, i) => {
      const scores = gallery.map((g) => g.reduce((sum, x, k) => sum + x * q[k]!, 0));
      return scores.indexOf(Math.max(...scores)) === Math.floor(i / 4);
    }).length / queries.length;
  const split = (rows: Float32Array) =>
    Array.from({ length: rows.length / d }, (_, i) => [...rows.subarray(i * d, (i + 1) * d)]);
  expect(found(split(pictures), split(views))).toBeLessThan(0.2);
  expect(found(apply(pictures), apply(views))).toBeGreaterThan(0.8);
});

test("pictures that are all the same, or views that never differ, give no head", async () => {
  const { pictures, views, d } = world();
  const same = pictures.map((_, i) => pictures[i % d]!);
  const sameViews = views.map((_, i) => pictures[i % d]!);
  expect(await fitHead(same, sameViews, d)).toBeNull();
  const jittered = views.map((x, i) => pictures[i % d]! + 0.01 * x);
  expect(await fitHead(same, jittered, d)).toBeNull();
});

test("two pictures give one direction, and the same input gives the same bits", async () => {
  const { pictures, views, d } = world();
  const few = await fitHead(pictures.subarray(0, 2 * d), views.subarray(0, 8 * d), d);
  expect(few!.dim).toBe(1);
  expect(await fitHead(pictures, views, d)).toEqual(await fitHead(pictures, views, d));
});

test("in a thread of its own the head is the same, bit for bit, and an abort ends it", async () => {
  const { pictures, views, d } = world();
  const options = { dim: 3, ridge: 0.1, exponent: 0.2 };
  const expected = await fitHead(pictures, views, d, options);
  const heads = [1, 2].map(() => fitAside(pictures.slice(), views.slice(), d, options));
  expect(await Promise.all(heads)).toEqual([expected, expected]);
  const abort = new AbortController();
  const aborted = fitAside(pictures.slice(), views.slice(), d, options, abort.signal);
  abort.abort();
  await expect(aborted).rejects.toThrow(/abort/i);
});

test("more pictures than values, or fewer: each picture a second time changes no direction", async () => {
  const { pictures, views, d } = world();
  const n = d - 2;
  const options = { dim: 3, ridge: 0.1, exponent: 0.2 };
  const own = [pictures.slice(0, n * d), views.slice(0, 4 * n * d)] as const;
  const twice = own.map((rows) => Float32Array.of(...rows, ...rows)) as [Float32Array, Float32Array];
  const few = (await fitHead(...own, d, options))!;
  const many = (await fitHead(...twice, d, options))!;
  expect(many.dim).toBe(few.dim);
  for (let k = 0; k < few.dim; k++) {
    const column = ({ weights, dim }: typeof few) => Array.from({ length: d }, (_, j) => weights[j * dim + k]!);
    // A direction has two signs.
    const sign = Math.sign(column(few).reduce((sum, x, j) => sum + x * column(many)[j]!, 0));
    expect(
      worst(
        column(few),
        column(many).map((x) => sign * x),
      ),
    ).toBeLessThan(1e-5);
    expect(few.bias[k]! - sign * many.bias[k]!).toBeCloseTo(0, 5);
  }
});
