import { expect, test } from "vitest";
import { Random } from "../../../src/core/neighbours/random.ts";
import { Chance } from "../../../src/core/search/chance.ts";

/** A vector of norm 1 around a direction; `spread` 0 is the direction itself. */
function vector(random: Random, dim: number, towards: number, spread: number): Float32Array {
  const values = Float64Array.from({ length: dim }, (_, i) => (i === towards ? 1 : 0) + spread * (random.unit() - 0.5));
  const norm = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / norm);
}

/** Images of so many kinds in two branches. */
function images(count: number, kinds: number): Float32Array[][] {
  const random = new Random(3);
  return Array.from({ length: count }, (_, i) => [
    vector(random, 32, i % kinds, 0.4),
    vector(random, 24, i % kinds, 0.5),
  ]);
}

const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

test("images of one kind are above chance in every column, images of two kinds below", () => {
  const rows = images(240, 12);
  const limits = Chance.of(rows)!.limits([0.5, 0.5]);
  expect(limits).toHaveLength(3);
  let [same, other, wrong] = [0, 0, 0];
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      const scores = [0, 1].map((b) => cosine(rows[i]![b]!, rows[j]![b]!));
      const all = [...scores, (scores[0]! + scores[1]!) / 2];
      const alike = i % 12 === j % 12;
      if (alike) same++;
      else other++;
      wrong += all.filter((score, c) => score > limits[c]! !== alike).length;
    }
  }
  expect(same).toBeGreaterThan(2000);
  expect(other).toBeGreaterThan(20_000);
  expect(wrong / (3 * (same + other))).toBeLessThan(0.005);
});

test("pairs of one kind do not count, though they are a third of all", () => {
  const limits = Chance.of(images(240, 3))!.limits([1, 0]);
  expect(limits[0]).toBeLessThan(0.6);
  expect(limits[2]).toBeCloseTo(limits[0]!, 6);
});

test("the limit is the median and three deviations of the lower pairs, worked out in float64", () => {
  const rows = images(20, 20);
  const pairs = rows.flatMap((one, i) => rows.slice(0, i).map((other) => cosine(one[1]!, other[1]!)));
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  let kept = pairs;
  let limit = Infinity;
  for (let before = -1; before !== kept.length; kept = kept.filter((score) => score <= limit)) {
    before = kept.length;
    const median = middle([...kept]);
    limit = median + 3 * 1.4826 * middle(kept.filter((score) => score <= median).map((score) => median - score));
    if (kept.every((score) => score <= limit)) break;
  }
  expect(Chance.of(rows)!.limits([0, 1])[1]).toBeCloseTo(limit, 5);
});

test("of fewer than 16 images nothing is said; of many a sample from all parts is compared", () => {
  expect(Chance.of(images(15, 3))).toBeNull();
  expect(Chance.of(images(16, 4))).not.toBeNull();
  expect(Chance.sample(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const many = Chance.sample(1_000_000);
  expect(many).toHaveLength(256);
  expect(new Set(many).size).toBe(256);
  expect(many.at(-1)).toBeGreaterThan(990_000);
});

test("copies of one picture have no limit: none is less alike than another", () => {
  const [one] = images(1, 1);
  expect(Chance.of(Array.from({ length: 40 }, () => one!))!.limits([0.5, 0.5])).toEqual([null, null, null]);
});

test("a few values tell less apart: where random pairs reach the score of a copy, that column has no limit, and combined has one", () => {
  const random = new Random(5);
  const rows = Array.from({ length: 200 }, () => [
    vector(random, 3, 0, 40),
    ...Array.from({ length: 7 }, () => vector(random, 24, 0, 40)),
  ]);
  const limits = Chance.of(rows)!.limits(Array.from({ length: 8 }, () => 1 / 8));
  expect(limits[0]).toBeNull();
  for (const limit of limits.slice(1)) expect(limit).toBeLessThan(0.9);
});
