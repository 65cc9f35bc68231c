import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateRetrieval } from "../../fixtures/retrievalReference.ts";

/** Points on a circle: nearness of the angle is the order of the scores. */
function circle(points: readonly (readonly [label: string, angle: number])[]) {
  return {
    embeddings: Float32Array.from(points.flatMap(([, angle]) => [Math.cos(angle), Math.sin(angle)])),
    dim: 2,
    labels: points.map(([label]) => label),
  };
}

test("counts by hand", () => {
  const { recall, mapAtR, queries } = evaluateRetrieval(
    circle([
      ["a", 0],
      ["a", 0.1],
      ["b", 0.25],
      ["a", 0.5],
      ["c", 2],
    ]),
    [1, 2, 3],
  );
  // Lists of the three "a": a b a, a b a, b a a. "b" and "c" have nobody to find.
  expect(queries).toBe(3);
  expect(recall).toEqual({ 1: 2 / 3, 2: 1, 3: 1 });
  expect(mapAtR).toBeCloseTo((1 / 2 + 1 / 2 + 1 / 4) / 3, 10);
});

test("separate classes are found perfectly, and nothing is found where there is no other of a label", () => {
  expect(
    evaluateRetrieval(
      circle([
        ["a", 0],
        ["a", 0.1],
        ["b", 3],
        ["b", 3.1],
      ]),
    ),
  ).toMatchObject({ mapAtR: 1, queries: 4 });
  expect(
    evaluateRetrieval(
      circle([
        ["a", 0],
        ["b", 1],
      ]),
    ),
  ).toMatchObject({ mapAtR: 0, queries: 0, recall: { 1: 0 } });
  expect(() => evaluateRetrieval({ embeddings: new Float32Array(5), dim: 2, labels: ["a", "b"] })).toThrow(RangeError);
});

test("Recall@K never falls with K, ends at 1, and Recall@1 is the share of right first results", () => {
  const points = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.double({ min: 0, max: 3, noNaN: true })), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(points, (list) => {
      const data = circle(list);
      const { recall, mapAtR, queries } = evaluateRetrieval(data, [1, 2, 5, 19]);
      if (queries === 0) return;
      expect(recall[1]).toBeLessThanOrEqual(recall[2]!);
      expect(recall[2]).toBeLessThanOrEqual(recall[5]!);
      expect(recall[19]).toBe(1);
      expect(mapAtR).toBeLessThanOrEqual(1);
      let right = 0;
      for (const [q, label] of data.labels.entries()) {
        if (data.labels.filter((other) => other === label).length < 2) continue;
        const score = (row: number) =>
          data.embeddings[2 * q]! * data.embeddings[2 * row]! +
          data.embeddings[2 * q + 1]! * data.embeddings[2 * row + 1]!;
        const others = [...data.labels.keys()].filter((row) => row !== q);
        const best = others.reduce((a, b) => (score(b) > score(a) ? b : a));
        if (data.labels[best] === label) right++;
      }
      expect(recall[1]).toBeCloseTo(right / queries, 10);
    }),
  );
});
