import { describe, expect, test } from "vitest";
import { evaluateRows } from "../../../src/core/training/run/evaluate.ts";

/** Images on a circle: label and angle in degrees. */
function evaluate(images: readonly (readonly [label: string, degrees: number])[], copies?: Int32Array) {
  const points = images.flatMap(([, degrees]) => [
    Math.cos((degrees * Math.PI) / 180),
    Math.sin((degrees * Math.PI) / 180),
  ]);
  const rows = { count: images.length, dims: [2], matrices: [Float32Array.from(points)] };
  const tested = images.map(([label], i) => ({ path: `${i}.png`, size: 1, label, split: null }));
  return evaluateRows(["spoc"], rows, { images: tested, copies });
}

/** Two labels side by side; of each the first so many. */
const clear = (n: number) =>
  ["a", "b"].flatMap((label, l) => Array.from({ length: n }, (_, i) => [label, 180 * l + i] as const));

describe("a figure that would mean nothing is none", () => {
  test("a test of one class", async () => {
    const { recalls, note } = await evaluate(clear(8).slice(0, 8));
    expect(recalls).toEqual({ spoc: { "recall@1": null }, combined: { "recall@1": null } });
    expect(note).toMatch(/^no figure: all images are of one class/);
  });

  test("fewer than ten queries", async () => {
    const { recalls, note } = await evaluate([...clear(4), ["alone", 90]]);
    expect(recalls["combined"]).toEqual({ "recall@1": null });
    expect(note).toMatch(/^no figure: 8 queries/);
  });

  test("fewer than a hundred are told as too few", async () => {
    const { recalls, note } = await evaluate(clear(5));
    expect(recalls["combined"]).toEqual({ "recall@1": 1 });
    expect(note).toMatch(/^too few to tell: 10 queries/);
    expect((await evaluate(clear(50))).note).toBeNull();
  });

  test("a test in which each query finds its own copy; without copies there is one", async () => {
    // Ten pictures, twice each; beside each picture one of the other label is nearest.
    const pictures = Array.from({ length: 10 }, (_, i) => [i % 2 === 0 ? "a" : "b", 3 * i] as const);
    const images = pictures.flatMap(([label, at]) => [[label, at] as const, [label, at + 0.1] as const]);
    const copies = Int32Array.from(images, (_, i) => i - (i % 2));
    const { recalls, withoutCopies, note } = await evaluate(images, copies);
    expect(recalls["combined"]).toEqual({ "recall@1": null });
    expect(note).toMatch(/each query has its own copy/);
    expect(withoutCopies!["combined"]).toEqual({ "recall@1": 0 });
    // Where some queries have one, both figures are told.
    const some = await evaluate([...images, ["a", 200], ["a", 201]], Int32Array.from([...copies, 20, 21]));
    expect(some.recalls["combined"]).toEqual({ "recall@1": 1 });
    expect(some.withoutCopies!["combined"]!["recall@1"]).toBeCloseTo(2 / 22, 12);
  });
});
