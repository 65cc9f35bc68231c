import { expect, test } from "vitest";
import {
  cutOffFor,
  filterWithin,
  mergeAnswers,
  nothingLike,
  type SimilarResult,
  type WordsAnswer,
} from "../../../src/shared/index.ts";

/** Scores by path; the lists of both columns follow from them. */
function answer(fingerprint: string, scores: Record<string, number>, descriptors = ["spoc"]): SimilarResult {
  const list = Object.entries(scores)
    .sort(([, a], [, b]) => b - a)
    .map(([path, score], i) => ({ rank: i + 1, path, score }));
  return {
    query: "/q.png",
    examples: [],
    weights: {},
    chance: null,
    kinds: false,
    model: { name: fingerprint, fingerprint, descriptors },
    results: Object.fromEntries([...descriptors, "combined"].map((column) => [column, list])),
    scores: Object.fromEntries(list.map(({ path, score }) => [path, { combined: score }])),
  };
}

const paths = (list: readonly { path: string }[] | undefined) => list?.map(({ path }) => path);

test("the same model: one list by score, with the folder's name in front", () => {
  const merged = mergeAnswers(
    [
      { folder: "/x/cats", result: answer("m", { "a.png": 0.9, "b.png": 0.5 }) },
      { folder: "/x/dogs", result: answer("m", { "a.png": 0.8, "c.png": 0.6 }) },
    ],
    3,
  );
  expect(merged.order).toBe("score");
  expect(merged.results["combined"]).toEqual([
    { rank: 1, path: "cats/a.png", score: 0.9 },
    { rank: 2, path: "dogs/a.png", score: 0.8 },
    { rank: 3, path: "dogs/c.png", score: 0.6 },
  ]);
  expect(Object.keys(merged.scores).sort()).toEqual(["cats/a.png", "dogs/a.png", "dogs/c.png"]);
});

test("models that differ: by rank, since their scores do not compare", () => {
  const merged = mergeAnswers(
    [
      { folder: "/x/cats", result: answer("m", { "a.png": 0.3, "b.png": 0.2 }, ["spoc", "gem"]) },
      { folder: "/y/cats", result: answer("n", { "c.png": 0.9, "d.png": 0.8 }, ["gem", "mac"]) },
    ],
    10,
  );
  expect(merged).toMatchObject({ order: "rank", descriptors: ["gem"] });
  expect(merged.names).toEqual({ "/x/cats": "cats", "/y/cats": "cats (2)" });
  expect(Object.keys(merged.results)).toEqual(["gem", "combined"]);
  expect(paths(merged.results["combined"])).toEqual(["cats/a.png", "cats (2)/c.png", "cats/b.png", "cats (2)/d.png"]);
});

test("the names may be those of more folders than answered; models and weights are told", () => {
  const result = { ...answer("m", { "a.png": 0.9 }), weights: { spoc: 0.25, gem: 4 } };
  const merged = mergeAnswers([{ folder: "/y/cats", result }], 3, { "/x/cats": "cats", "/y/cats": "cats (2)" });
  expect(paths(merged.results["combined"])).toEqual(["cats (2)/a.png"]);
  expect(merged).toMatchObject({ models: { "/y/cats": { fingerprint: "m" } } });
  expect(merged.weights).toEqual({ spoc: 0.25 });
});

test("a filter on a folder goes to the one whose name it begins with", () => {
  expect(filterWithin("cats", { folder: "cats/a/b", minScore: 0.1 })).toEqual({ folder: "a/b", minScore: 0.1 });
  expect(filterWithin("cats", { folder: "cats", minScore: 0.1 })).toEqual({ minScore: 0.1 });
  expect(filterWithin("cats", { folder: "cats (2)/a" })).toBeUndefined();
  expect(filterWithin("cats", { minScore: 0.1 })).toEqual({ minScore: 0.1 });
});

test("one model with different weights: by rank, each score by the weights of its folder", () => {
  const weighed = (weights: Record<string, number>, scores: Record<string, number>) => ({
    ...answer("m", scores, ["spoc", "gem"]),
    weights,
  });
  const merge = (a: Record<string, number>, b: Record<string, number>) =>
    mergeAnswers(
      [
        { folder: "/x/cats", result: weighed(a, { "a.png": 0.3, "b.png": 0.2 }) },
        { folder: "/x/dogs", result: weighed(b, { "c.png": 0.9, "d.png": 0.8 }) },
      ],
      4,
    );
  const apart = merge({ spoc: 1, gem: 0.5 }, { spoc: 1, gem: 1 });
  expect(apart).toMatchObject({ order: "rank", weights: { spoc: 0, gem: 0 } });
  expect(apart.weightsOf).toEqual({ "/x/cats": { spoc: 1, gem: 0.5 }, "/x/dogs": { spoc: 1, gem: 1 } });
  expect(paths(apart.results["combined"])).toEqual(["cats/a.png", "dogs/c.png", "cats/b.png", "dogs/d.png"]);
  // Only proportions count.
  expect(merge({ spoc: 2, gem: 1 }, { spoc: 1, gem: 0.5 })).toMatchObject({ order: "score", weights: { spoc: 2 } });
});

test("words: what is nothing like them each folder says for its own images, and a folder that cannot say leaves it open", () => {
  const withWords = (scores: Record<string, number>, cutOff: WordsAnswer["cutOff"]): SimilarResult => ({
    ...answer("m", scores),
    words: { texts: [], branch: "spoc", best: [], cutOff, notes: [] },
  });
  const limit = { score: 0.3, by: "random" } as const;
  const of = (other: WordsAnswer["cutOff"]) =>
    mergeAnswers(
      [
        { folder: "/x/a", result: withWords({ "1.png": 0.2 }, limit) },
        { folder: "/x/a b", result: withWords({ "2.png": 0.25 }, other) },
      ],
      10,
    ).words!;
  const { cutOff, cutOffs = {} } = of({ ...limit, score: 0.1 });
  expect(cutOff).toBeNull();
  expect(cutOffs).toEqual({ a: { ...limit, best: 0.2 }, "a b": { score: 0.1, by: "random", best: 0.25 } });
  expect(["a/1.png", "a b/2.png", "c/3.png"].map((path) => cutOffFor(cutOffs, path)?.score)).toEqual([
    0.3,
    0.1,
    undefined,
  ]);
  // The second folder has something, then nothing, then it cannot say.
  expect([{ ...limit, score: 0.1 }, limit, null].map((other) => nothingLike(of(other)))).toEqual([false, true, false]);
});
