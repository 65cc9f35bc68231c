import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { averagePrecision } from "../../../src/core/weights/averagePrecision.ts";
import { readWeights, weightsByLabels } from "../../../src/core/weights/index.ts";
import { madeUp, sourceOf } from "./support.ts";

test("AP@R is that of the sorted list, with the wrong image ahead where scores are equal", () => {
  const random = xoroshiro128plus(3);
  const count = 30;
  const shares = [0.25, 0.75];
  for (let round = 0; round < 50; round++) {
    // Few values, so that many are equal.
    const scores = shares.map(() => Float32Array.from({ length: count * count }, () => (random.next() & 7) / 8));
    const right = [3, 7, 11, 20];
    const within = Array.from({ length: count }, (_, i) => i).filter((i) => i !== 0 && !right.includes(i));
    const scoreOf = (i: number) => shares.reduce((sum, share, b) => sum + share * scores[b]![i]!, 0);
    const order = [...within, ...right].sort((a, b) => scoreOf(b) - scoreOf(a));
    let [found, sum] = [0, 0];
    for (let i = 0; i < right.length; i++) if (right.includes(order[i]!)) sum += ++found / (i + 1);
    expect(averagePrecision({ count, scores }, 0, right, within, shares)).toBeCloseTo(sum / right.length, 12);
  }
});

test("labels that one branch knows and the other does not take the other's weight away", async () => {
  const { source, labels } = madeUp({ spread: [0.3, 4], classes: 16, each: 6 });
  const { weights, gain, reason } = await weightsByLabels(source, labels);
  expect(reason).toBeUndefined();
  expect(weights["branch_0"]).toBe(1);
  expect(weights["branch_1"]).toBeLessThan(0.5);
  expect(gain!.mean).toBeGreaterThan(3 * gain!.error);
  expect([gain!.chosenOn, gain!.measuredOn]).toEqual([8, 8]);
  // The same again, in whatever order the index gives its images.
  const images = new Map<string, Float32Array>();
  for await (const { path, embedding } of source.embeddings()) images.set(path, embedding.slice());
  const reversed = sourceOf(new Map([...images].reverse()), source.model.descriptors);
  expect(await weightsByLabels(reversed, labels)).toEqual({ weights, gain });
});

test.each([2, 3, 4, 5, 6, 7])(
  "labels that say nothing of the pictures, as dates do, choose nothing (seed %i)",
  async (seed) => {
    const { source, labels } = madeUp({ spread: [1, 1.2, 0.9], classes: 20, each: 5, seed });
    const random = xoroshiro128plus(seed);
    const dates = new Map([...labels.keys()].map((path) => [path, [`2024-01-${(random.next() >>> 0) % 12}`]]));
    const { weights, gain, reason } = await weightsByLabels(source, dates);
    // One in six would pass by chance: then by next to nothing.
    if (reason === undefined) expect(gain!.mean).toBeLessThan(0.03);
    else expect({ weights, reason }).toEqual({ weights: { branch_0: 1, branch_1: 1, branch_2: 1 }, reason: "noGain" });
  },
);

test("images that are all alike choose nothing", async () => {
  const { source, labels } = madeUp({ spread: [0, 0], classes: 1, each: 64 });
  const names = new Map([...labels.keys()].map((path, i) => [path, [`class ${i % 8}`]]));
  expect(await weightsByLabels(source, names)).toMatchObject({
    weights: { branch_0: 1, branch_1: 1 },
    reason: "noGain",
  });
});

test("few classes, one image of each, several labels and one branch say so", async () => {
  const { source, labels } = madeUp({ spread: [1, 1], classes: 7, each: 9 });
  expect(await weightsByLabels(source, labels)).toEqual({ weights: { branch_0: 1, branch_1: 1 }, reason: "few" });
  const kinds = madeUp({ spread: [1, 1], classes: 24, each: 1 });
  expect(await weightsByLabels(kinds.source, kinds.labels)).toMatchObject({ reason: "few" });
  const several = new Map([...labels.keys()].map((path, i) => [path, [`a ${i % 9}`, "b"]]));
  expect(await weightsByLabels(source, several)).toMatchObject({ reason: "few" });
  const single = madeUp({ spread: [1], classes: 16, each: 4 });
  expect(await weightsByLabels(single.source, single.labels)).toEqual({ weights: { branch_0: 1 }, reason: "single" });
});

test("of eight branches the ones that know are found", async () => {
  const { source, labels } = madeUp({ spread: [4, 4, 4, 0.3, 4, 4, 4, 4], classes: 12, each: 5 });
  const { weights, reason } = await weightsByLabels(source, labels);
  expect(reason).toBeUndefined();
  const others = Object.entries(weights).filter(([name]) => name !== "branch_3");
  expect(weights["branch_3"]).toBe(1);
  for (const [, weight] of others) expect(weight).toBeLessThanOrEqual(0.5);
});

test("a choice is cancelled", async () => {
  const { source, labels } = madeUp({ spread: [0.3, 4], classes: 8, each: 4 });
  await expect(weightsByLabels(source, labels, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});

test("what an index holds is read, and anything else is as good as nothing", () => {
  const held = { weights: { a: 1, b: 0.5 }, from: "names", images: 10 } as const;
  const text = JSON.stringify(held);
  expect(readWeights(text, ["a", "b"])).toEqual(held);
  for (const broken of [
    null,
    "",
    "{",
    "[]",
    text.replace("names", "dreams"),
    text.replace("0.5", "-1"),
    text.replace("10", "1.5"),
  ]) {
    expect(readWeights(broken, ["a", "b"])).toBeNull();
  }
  expect(readWeights(text, ["a", "c"])).toBeNull();
  expect(readWeights(text, ["a"])).toBeNull();
  expect(
    readWeights(
      text.replace(/:1,|0\.5/g, (x) => (x === "0.5" ? "0" : ":0,")),
      ["a", "b"],
    ),
  ).toBeNull();
});
