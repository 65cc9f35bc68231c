import { expect, test } from "vitest";
import { foldersAbove, foldersOf, matching, nameOf } from "../../../../webview-ui/projections/labels.ts";

const paths = ["b/1.png", "a/x/2.png", "top.png", "b/3.png", "c/x/4.png"];

test("folders are categories, the most frequent first, then by name; the top one is called /", () => {
  const { names, codes } = foldersOf(paths);
  expect(names).toEqual(["b", "x", "/"]);
  expect([...codes]).toEqual([0, 1, 2, 0, 1]);
  expect(nameOf("a/x/2.png")).toBe("2.png");
});

test("a search finds what holds all of its words in path or label, whatever the case", () => {
  const labels = { names: ["Tabby cat", "dog"], codes: Int32Array.of(0, 1, -1, 0, 1) };
  const found = (search: string) => [...(matching(search, paths, labels) ?? [])];
  expect(matching("  ", paths, labels)).toBeUndefined();
  expect(found("CAT")).toEqual([1, 0, 0, 1, 0]);
  expect(found("cat 3")).toEqual([0, 0, 0, 1, 0]);
  expect(found("x/")).toEqual([0, 1, 0, 0, 1]);
  expect(found("nothing")).toEqual([0, 0, 0, 0, 0]);
});

test("all folders above the images, each once", () => {
  expect(foldersAbove([...paths, "a/y/z/5.png"])).toEqual(["a", "a/x", "a/y", "a/y/z", "b", "c", "c/x"]);
  expect(foldersAbove(["1.png"])).toEqual([]);
});
