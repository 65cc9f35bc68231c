import { expect, test } from "vitest";
import { clearlyBetter, meanOf, precisionsOf } from "../../../src/core/training/run/validation.ts";
import { evaluateRetrieval } from "../../fixtures/retrievalReference.ts";

/** Classes of so many images each, as rows of norm 1 in two branches that know the classes more or less. */
function drawn(sizes: readonly number[], noise: number) {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const labels = sizes.flatMap((size, c) => Array.from({ length: size }, () => `class ${c}`));
  const dims = [6, 10];
  const centres = dims.map((dim) => sizes.map(() => Array.from({ length: dim }, random)));
  const matrices = dims.map((_, b) =>
    Float32Array.from(
      labels.flatMap((label) => {
        const centre = centres[b]![Number(label.split(" ")[1])]!;
        const row = centre.map((x) => x + noise * random());
        const norm = Math.hypot(...row);
        return row.map((x) => x / norm);
      }),
    ),
  );
  const combined = Float32Array.from(
    labels.flatMap((_, i) =>
      dims.flatMap((dim, b) => [...matrices[b]!.subarray(i * dim, (i + 1) * dim)].map((x) => x / Math.SQRT2)),
    ),
  );
  const images = labels.map((label, i) => ({ path: `${i}.png`, size: 1, label, split: null }));
  return {
    images,
    rows: { count: labels.length, dims, matrices },
    combined: { embeddings: combined, dim: 16, labels },
  };
}

test("the validation's precisions are those of MAP@R; images alone in their class ask nothing", async () => {
  const { images, rows, combined } = drawn([2, 5, 1, 9, 3, 20], 1);
  const precisions = await precisionsOf(["spoc", "mac"], rows, images);
  expect(precisions).toHaveLength(39);
  const { mapAtR } = evaluateRetrieval(combined);
  expect(mapAtR).toBeGreaterThan(0.2);
  expect(mapAtR).toBeLessThan(0.9);
  expect(meanOf(precisions)).toBeCloseTo(mapAtR, 9);
});

test("of a large class all results are looked at", async () => {
  // By angle: 105 of the large class, 4 of another, 25 more of the large one.
  const at = (label: string, start: number, n: number) =>
    Array.from({ length: n }, (_, i) => ({ label, angle: start + i / 1000 }));
  const all = [...at("large", 0, 105), ...at("small", 0.8, 4), ...at("large", 1.5, 25)];
  const images = all.map(({ label }, i) => ({ path: `${i}.png`, size: 1, label, split: null }));
  const matrices = [Float32Array.from(all.flatMap(({ angle }) => [Math.cos(angle), Math.sin(angle)]))];
  const precisions = await precisionsOf(["spoc"], { count: all.length, dims: [2], matrices }, images);
  // The first finds 104 of its class, then the small class; the last 24, then the small class.
  const precisionOf = (before: number) =>
    Array.from({ length: 129 }, (_, i) => (i < before ? 1 : i < before + 4 ? 0 : (i - 3) / (i + 1))).reduce(
      (sum, x) => sum + x / 129,
      0,
    );
  expect(precisions[0]).toBeCloseTo(precisionOf(104), 9);
  expect(precisions.at(-1)).toBeCloseTo(precisionOf(24), 9);
});

test("better beyond chance: the mean difference against its standard error", () => {
  // Differences 0.3 and -0.1 by turns: mean 0.1, deviation 0.2, so an error of 0.2 / sqrt(n), which is 0.1 for n = 4.
  const before = (n: number) => Array.from({ length: n }, () => 0.5);
  const now = (n: number) => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0.8 : 0.4));
  expect(clearlyBetter(before(2), now(2))).toBe(false);
  expect(clearlyBetter(before(6), now(6))).toBe(true);
  expect(clearlyBetter(now(6), before(6))).toBe(false);
  expect(clearlyBetter(before(6), before(6))).toBe(false);
});
