import { expect, test } from "vitest";
import {
  classFigures,
  compareBranches,
  differencesOf,
  failuresOf,
  figuresOf,
  type RetrievalTask,
  rankQueries,
  wilson,
} from "../../../src/core/evaluation/index.ts";
import { ClassBootstrap, percentiles } from "../../../src/core/evaluation/intervals.ts";

test("Wilson's interval has the values of the textbooks", () => {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  const rounded = (share: number, n: number) => wilson(share, n).map((value) => Number(value.toFixed(4)));
  expect(rounded(81 / 263, 263)).toEqual([0.2553, 0.3662]);
  expect(rounded(15 / 148, 148)).toEqual([0.0624, 0.1605]);
  expect(rounded(0, 20)).toEqual([0, 0.1611]);
  expect(rounded(1 / 29, 29)).toEqual([0.0061, 0.1718]);
});

test("the bootstrap draws classes: classes that agree give an interval of no width, two that differ the widest", () => {
  const same = new ClassBootstrap(Int32Array.of(5, 5, 9, 9, 9));
  const [mean] = same.replicates([Float64Array.of(0, 1, 0.5, 0.5, 0.5)]);
  expect(percentiles(mean!)).toEqual([0.5, 0.5]);
  const apart = new ClassBootstrap(Int32Array.of(0, 0, 1, 1));
  const draws = apart.replicates([Float64Array.of(0, 0, 1, 1)])[0]!;
  expect(percentiles(draws)).toEqual([0, 1]);
  // Half of the draws have one class twice, by a binomial of 1,000.
  expect(draws.filter((value) => value === 0.5).length).toBeGreaterThan(450);
  expect(draws.filter((value) => value === 0.5).length).toBeLessThan(550);
  expect(apart.replicates([Float64Array.of(0, 0, 1, 1)])[0]).toEqual(draws);
});

test("an interval of many classes is as wide as their standard error says", () => {
  const classes = Int32Array.from({ length: 400 }, (_, i) => i);
  const values = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 0.2 : 0.6));
  const [low, high] = percentiles(new ClassBootstrap(classes).replicates([values])[0]!);
  // Standard deviation 0.2, so the mean is off by 0.01: 1.96 of it to either side.
  expect(low).toBeCloseTo(0.4 - 0.0196, 2);
  expect(high).toBeCloseTo(0.4 + 0.0196, 2);
});

/** Six images of three classes; SPoC sees the classes, MAC sees something else. */
function twoBranches(): RetrievalTask {
  const circle = (angles: readonly number[]) => Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)]));
  const rows = Int32Array.of(0, 1, 2, 3, 4, 5);
  return {
    names: ["spoc", "mac"],
    dims: [2, 2],
    count: 6,
    matrices: [circle([0, 0.1, 1, 1.1, 2, 2.1]), circle([0, 1, 0.05, 1.1, 2, 2.02])],
    classes: Int32Array.of(0, 0, 1, 1, 2, 2),
    queries: rows,
    gallery: rows,
  };
}

const NAMES = { paths: ["a0", "a1", "b0", "b1", "c0", "c1"], labels: ["a", "b", "c"] };

test("where branches differ: counts, the oracle, lists and classes", async () => {
  const task = twoBranches();
  const ranking = await rankQueries(task);
  const { pairs, oracle, wins } = compareBranches(ranking, task, NAMES)!;
  // MAC takes a0 for b0, a1 for b1 and the other way round; both get the two of c.
  expect(pairs).toMatchObject([{ a: "spoc", b: "mac", both: 2, onlyA: 4, onlyB: 0, neither: 0, jaccard: 1 }]);
  expect(pairs[0]!.rbo).toBeGreaterThan(0.5);
  expect(pairs[0]!.rbo).toBeLessThan(1);
  expect(pairs[0]!.examplesA.toSorted()).toEqual(["a0", "a1", "b0", "b1"]);
  expect(oracle).toBe(1);
  expect(wins.map(({ descriptor, classes }) => [descriptor, classes])).toEqual([
    ["spoc", 2],
    ["mac", 0],
  ]);
  expect(classFigures(ranking, task, NAMES)[0]).toMatchObject({ label: "a", queries: 2, recalls: { spoc: 1, mac: 0 } });
});

test("where a branch fails: wrong first results, confused classes, histograms", async () => {
  const task = twoBranches();
  const [, mac] = failuresOf(await rankQueries(task), task, NAMES);
  expect(mac).toMatchObject({ descriptor: "mac", wrong: 4, neverFound: { count: 0 } });
  expect(mac!.worst).toHaveLength(4);
  expect(mac!.worst.find(({ query }) => query === "a0")).toMatchObject({ wrong: "b0", wrongLabel: "b", right: "a1" });
  const { margin } = mac!.worst.find(({ query }) => query === "a0")!;
  expect(margin).toBeCloseTo(Math.cos(0.05) - Math.cos(1), 5);
  expect(mac!.confused.map(({ label, as, count }) => [label, as, count])).toEqual([
    ["a", "b", 2],
    ["b", "a", 2],
  ]);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  expect(sum(mac!.histogram.same)).toBeCloseTo(1, 9);
  expect(sum(mac!.histogram.other)).toBeCloseTo(1, 9);
});

test("a difference is that of the figures, and its interval is paired", async () => {
  const task = twoBranches();
  const figures = figuresOf(await rankQueries(task), task, [1]);
  const [recall] = differencesOf(figures, "spoc", figures, "mac");
  expect(recall).toMatchObject({ a: "spoc", b: "mac", metric: "recall@1" });
  expect(recall!.difference).toBeCloseTo(4 / 6, 12);
  const same = differencesOf(figures, "spoc", figures, "spoc");
  for (const { difference, interval } of same) expect([difference, ...interval]).toEqual([0, 0, 0]);
});

test("the mean over classes counts a small class as much as a large one", async () => {
  const rows = Int32Array.of(0, 1, 2, 3, 4, 5);
  const angles = [0, 0.1, 0.2, 0.3, 0.15, 3];
  const task: RetrievalTask = {
    ...twoBranches(),
    names: ["spoc"],
    dims: [2],
    matrices: [Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)]))],
    classes: Int32Array.of(0, 0, 0, 0, 1, 1),
    queries: rows,
    gallery: rows,
  };
  const { metrics, classMeans } = figuresOf(await rankQueries(task), task, [1]).descriptors["spoc"]!;
  // 1 and 2 have the stranger nearest, 0 and 3 do not; neither of the strangers finds the other one first.
  expect(metrics["recall@1"]).toBeCloseTo(2 / 6, 12);
  expect(classMeans["recall@1"]).toBeCloseTo((2 / 4 + 0) / 2, 12);
});
