import { expect, test } from "vitest";
import { weightsByMarks } from "../../../src/core/weights/byMarks.ts";
import { markCandidates, markQueries, readMarks } from "../../../src/core/weights/index.ts";
import type { Mark } from "../../../src/shared/index.ts";
import { madeUp } from "./support.ts";

/** Six queries with two images that belong and three that do not, by the class of each. */
function marksOf(labels: ReadonlyMap<string, readonly string[]>): Mark[] {
  const paths = [...labels.keys()].sort();
  const queries = paths.filter((path) => path.startsWith("00-")).slice(0, 6);
  return queries.flatMap((query) => {
    const own = paths.filter((path) => path !== query && labels.get(path)![0] === labels.get(query)![0]).slice(0, 2);
    const others = paths.filter((path) => labels.get(path)![0] !== labels.get(query)![0]).slice(0, 3);
    return [...own, ...others].map((image) => ({ query, image, belongs: own.includes(image) }));
  });
}

test("thirty marks take the weight of a branch that sees nothing away", async () => {
  const { source, labels } = madeUp({ spread: [0.4, 8, 8], classes: 8, each: 6 });
  const { weights, gain, reason } = await weightsByMarks(source, marksOf(labels));
  expect(reason).toBeUndefined();
  expect(weights["branch_0"]).toBe(1);
  expect(weights["branch_1"]).toBeLessThan(1);
  expect(gain).toMatchObject({ measuredOn: 6, chosenOn: 5 });
  expect(gain!.mean).toBeGreaterThan(gain!.error);
});

test("marks where all branches are right already choose nothing", async () => {
  const { source, labels } = madeUp({ spread: [0.1, 0.1, 0.1], classes: 8, each: 6 });
  expect(await weightsByMarks(source, marksOf(labels))).toMatchObject({
    weights: { branch_0: 1, branch_1: 1, branch_2: 1 },
    reason: "noGain",
    // Equal weights do not say of themselves what they were measured on.
    gain: { over: "marks", measuredOn: 6 },
  });
});

test("marks that contradict each other say nothing, whichever of the two images was the query", async () => {
  const { source, labels } = madeUp({ spread: [0.4, 8, 8], classes: 8, each: 6 });
  const marks = marksOf(labels);
  const against = marks.map(({ query, image, belongs }) => ({ query: image, image: query, belongs: !belongs }));
  expect(await weightsByMarks(source, [...marks, ...against])).toMatchObject({ reason: "fewMarks" });
  // One pair alone is left out; what is left says the same as before.
  const one = await weightsByMarks(source, [...marks, against[0]!]);
  expect(one.reason).toBeUndefined();
});

test("few marks, marks of one kind, of images that are gone, and one branch say so", async () => {
  const { source, labels } = madeUp({ spread: [0.4, 8, 8], classes: 8, each: 6 });
  const marks = marksOf(labels);
  const reasonOf = async (some: readonly Mark[]) => (await weightsByMarks(source, some)).reason;
  expect(await reasonOf([])).toBe("fewMarks");
  expect(await reasonOf(marks.slice(0, 15))).toBe("fewMarks");
  expect(await reasonOf(marks.map((mark) => ({ ...mark, belongs: true })))).toBe("fewMarks");
  expect(await reasonOf(marks.map((mark) => ({ ...mark, query: `gone ${mark.query}` })))).toBe("fewMarks");
  const single = madeUp({ spread: [1], classes: 8, each: 6 });
  expect((await weightsByMarks(single.source, marksOf(single.labels))).reason).toBe("single");
  await expect(weightsByMarks(source, marks, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});

test("asked is what one branch finds and others do not, of the image that is looked at first", () => {
  const list = (...paths: string[]) => paths.map((path, i) => ({ rank: i + 1, path, score: 1 - i / 10 }));
  const all = ["x", "a", "b"];
  expect(markCandidates([list(...all, "c"), list("x", "d", "a", "b"), list("x", "b", "a", "e")])).toEqual([
    "d",
    "c",
    "e",
    "x",
    "a",
  ]);
  expect(markCandidates([])).toEqual([]);
  const paths = Array.from({ length: 20 }, (_, i) => `${i}.png`);
  const queries = markQueries(paths, "7.png");
  expect(queries[0]).toBe("7.png");
  expect(new Set(queries).size).toBe(6);
  expect(markQueries(paths, "elsewhere.png")).not.toContain("elsewhere.png");
  expect(markQueries(["a"], "a")).toEqual(["a"]);
});

test("marks that cannot be read are as good as none", () => {
  const marks = [{ query: "a", image: "b", belongs: true }];
  expect(readMarks(JSON.stringify(marks))).toEqual(marks);
  for (const text of [null, "{", "{}", '[{"query":1}]']) expect(readMarks(text)).toEqual([]);
});
