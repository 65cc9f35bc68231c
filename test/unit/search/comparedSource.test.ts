import { expect, test } from "vitest";
import { comparedSource } from "../../../src/core/search/index.ts";
import { sourceOf } from "../projection/support.ts";

const rows = (paths: string[], value: number) =>
  new Map(paths.map((path, i) => [path, new Float32Array(6).fill(value + i)]));

test("holds what both have indexed, the first model's embedding before the second's", async () => {
  const one = sourceOf(rows(["a", "b", "c"], 1), "/one.sqlite", 2);
  const other = sourceOf(rows(["c", "x", "a"], 10), "/other.sqlite", 2);
  const both = comparedSource({ label: "m", source: one }, { label: "m", source: other });
  expect(both.model).toMatchObject({ name: "m / m (2)", descriptors: ["m", "m (2)"] });
  expect(both.dims).toEqual([6, 6]);
  expect(await both.paths()).toEqual(["c", "a"]);
  const found: [string, number[]][] = [];
  for await (const { path, embedding } of both.embeddings()) found.push([path, [...embedding]]);
  expect(found).toEqual([
    ["c", [3, 3, 3, 3, 3, 3, 10, 10, 10, 10, 10, 10]],
    ["a", [1, 1, 1, 1, 1, 1, 12, 12, 12, 12, 12, 12]],
  ]);
  // A model may be called like the column of all.
  expect(comparedSource({ label: "combined", source: one }, { label: "b", source: other }).model.descriptors).toEqual([
    "combined (1)",
    "b",
  ]);
});
