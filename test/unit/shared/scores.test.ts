import { expect, test } from "vitest";
import { branchShares, combineScores, cosineText, splitScore } from "../../../src/shared/index.ts";

const BRANCHES = ["spoc", "mac", "gem"];
const SCORES = { spoc: 0.9, mac: -0.3, gem: 0.6, combined: 0.4 };

test("without weights combined is the mean of the branches, and its parts add up to it", () => {
  const parts = splitScore(SCORES, BRANCHES);
  expect(parts["spoc"]).toBeCloseTo(0.3, 12);
  expect(parts["mac"]).toBeCloseTo(-0.1, 12);
  expect(combineScores(SCORES, BRANCHES)).toBeCloseTo(0.4, 12);
});

test("weights are shares of their sum; branches without one count 1, other names nothing", () => {
  expect(branchShares(BRANCHES, { spoc: 2, mac: 0, crow: 9 })).toEqual({ spoc: 2 / 3, mac: 0, gem: 1 / 3 });
  expect(combineScores(SCORES, BRANCHES, { spoc: 2, mac: 0 })).toBeCloseTo((2 * 0.9 + 0.6) / 3, 12);
});

test("a weighted combination is the cosine of embeddings whose branches are scaled by the root of their weight", () => {
  const [query, other] = [
    [
      [0.6, 0.8],
      [0, 1],
    ],
    [
      [1, 0],
      [0.8, 0.6],
    ],
  ];
  const weights = { spoc: 3, mac: 0.5 };
  const scaled = (branches: number[][]) =>
    branches.flatMap((branch, b) => branch.map((x) => x * Math.sqrt([weights.spoc, weights.mac][b]!)));
  const [a, b] = [scaled(query!), scaled(other!)];
  const dot = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i]!, 0);
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  expect(combineScores({ spoc: 0.6, mac: 0.6 }, ["spoc", "mac"], weights)).toBeCloseTo(cosine, 12);
});

test("weights that leave nothing, or are no weights, are refused", () => {
  expect(() => branchShares(BRANCHES, { spoc: 0, mac: 0, gem: 0 })).toThrow(/all branches are 0/);
  expect(() => branchShares(BRANCHES, { mac: -1 })).toThrow(/weight of mac/);
  expect(() => branchShares(BRANCHES, { gem: Number.NaN })).toThrow(/weight of gem/);
});

test("a score that rounds to nothing has no sign, any other keeps it", () => {
  const shown = [-0.004, -0, 0.004, -0.006, -0.5, 1].map((score) => cosineText(score));
  expect(shown).toEqual(["0.00", "0.00", "0.00", "-0.01", "-0.50", "1.00"]);
  expect([cosineText(-0.0004, 3), cosineText(-0.0006, 3)]).toEqual(["0.000", "-0.001"]);
});
