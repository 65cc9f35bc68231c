import { expect, test } from "vitest";
import { jaccard, overlapOf, overlapsOf, rankBiasedOverlap } from "../../../src/shared/index.ts";

test("Jaccard counts shared members of all members, over the first k", () => {
  expect(jaccard(["a", "b", "c"], ["b", "a", "d"])).toBe(0.5);
  expect(jaccard([], [])).toBe(1);
  expect(jaccard(["a"], [])).toBe(0);
  expect(overlapOf(["a", "b", "c"], ["b", "a", "d"], 2)).toMatchObject({ jaccard: 1 });
});

test("rank-biased overlap gives the values worked out by hand from eq. 32", () => {
  // Agreement 0, 2/2, 2/3: (0.81 + 2/3 x 0.729) / 9 + 2/3 x 0.729.
  expect(rankBiasedOverlap(["x", "y", "z"], ["y", "x", "w"], 0.9)).toBeCloseTo(0.63, 12);
  // s = 1, l = 2, X_1 = 0, X_2 = 1: (1/2 x 0.81) / 9 + 1/2 x 0.81.
  expect(rankBiasedOverlap(["x"], ["y", "x"], 0.9)).toBeCloseTo(0.45, 12);
  // What is not seen of the short list is taken to agree as what is seen does.
  expect(rankBiasedOverlap(["x"], ["x", "y"], 0.9)).toBeCloseTo(1, 12);
  expect(rankBiasedOverlap(["x", "y"], ["x"], 0.9)).toBeCloseTo(1, 12);
  expect(rankBiasedOverlap(["a", "b"], ["c", "d"], 0.9)).toBe(0);
  expect(rankBiasedOverlap([], [], 0.9)).toBe(1);
  expect(rankBiasedOverlap([], ["a"], 0.9)).toBe(0);
});

test("rank-biased overlap of equal lengths is eq. 23, summed over sets", () => {
  const a = [..."abcdefghij"];
  const b = [..."bxadyfezwj"];
  const p = 0.9;
  const shared = (d: number) => a.slice(0, d).filter((each) => b.slice(0, d).includes(each)).length;
  let sum = 0;
  for (let d = 1; d <= 10; d++) sum += (shared(d) / d) * p ** d;
  const expected = (shared(10) / 10) * p ** 10 + ((1 - p) / p) * sum;
  expect(rankBiasedOverlap(a, b)).toBeCloseTo(expected, 12);
  expect(overlapOf(a, b).rbo).toBeCloseTo(rankBiasedOverlap(b, a), 12);
});

test("every list is compared with every list", () => {
  const list = (text: string) => [...text].map((path, i) => ({ rank: i + 1, path, score: 1 - i / 10 }));
  const overlaps = overlapsOf({ spoc: list("abc"), mac: list("bad"), combined: list("xyz") });
  expect(overlaps["spoc"]!["mac"]!.jaccard).toBe(0.5);
  expect(overlaps["mac"]!["spoc"]).toEqual(overlaps["spoc"]!["mac"]);
  expect(overlaps["spoc"]!["combined"]).toEqual({ jaccard: 0, rbo: 0 });
  expect(overlaps["mac"]!["mac"]!.rbo).toBeCloseTo(1, 12);
});
