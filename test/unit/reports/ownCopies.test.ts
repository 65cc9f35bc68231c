import { expect, test } from "vitest";
import { onePerPicture } from "../../../src/core/reports/copies.ts";

/** Images `label/name`, of which those that are named in a group are the same picture. */
function asked(images: readonly string[], groups: readonly (readonly string[])[], queries = images, gallery = images) {
  const labels = new Map(images.map((path) => [path, path.split("/")[0]!]));
  const truth = { labels, parts: new Map(), boxes: new Map(), warnings: [] };
  const roles = { protocol: "all", note: "", queries: new Set(queries), gallery: new Set(gallery), ks: [1] } as const;
  const groupOf = new Map(groups.flatMap((group, n) => group.map((path) => [path, n] as const)));
  return onePerPicture(roles, truth, {
    groupOf,
    told: { groups: 0, images: 0, first: [] },
    contradictions: [],
  });
}

const PAIRS = ["a/1", "a/1c", "a/2", "a/2c", "b/1", "b/1c", "b/2", "b/2c"];
const copiesOf = (images: readonly string[]) =>
  images.filter((path) => !path.endsWith("c")).map((path) => [path, `${path}c`]);

test("where each query has its own copy, one image of each picture takes part", () => {
  const found = asked(PAIRS, copiesOf(PAIRS))!;
  expect([...found.roles.queries]).toEqual(["a/1", "a/2", "b/1", "b/2"]);
  expect([...found.roles.gallery]).toEqual(["a/1", "a/2", "b/1", "b/2"]);
  expect(found.warning).toMatch(/own copy .* 4 images left out/);
});

test("an image that has nothing to find asks nothing, and so decides nothing", () => {
  const found = asked([...PAIRS, "c/alone"], copiesOf(PAIRS))!;
  expect([...found.roles.gallery]).toEqual(["a/1", "a/2", "b/1", "b/2", "c/alone"]);
});

test("a query keeps its place before an image of the gallery", () => {
  const found = asked(
    ["a/1", "a/2", "a/1c", "a/2c"],
    [
      ["a/1c", "a/1"],
      ["a/2c", "a/2"],
    ],
    ["a/1", "a/2"],
    ["a/1c", "a/2c"],
  )!;
  expect([...found.roles.queries]).toEqual(["a/1", "a/2"]);
  expect([...found.roles.gallery]).toEqual([]);
});

test.each([
  ["one query has none", [...PAIRS, "a/3"], copiesOf(PAIRS)],
  [
    "a copy has another label",
    ["a/1", "b/1", "a/2", "a/2c", "b/2", "b/2c"],
    [
      ["a/1", "b/1"],
      ["a/2", "a/2c"],
      ["b/2", "b/2c"],
    ],
  ],
  ["there are no copies", PAIRS, []],
])("all take part where %s", (_, images, groups) => {
  expect(asked(images, groups)).toBeUndefined();
});
