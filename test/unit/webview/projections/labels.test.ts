import { expect, test } from "vitest";
import { foldersAbove, foldersOf, matching, nameOf } from "../../../../webview-ui/projections/labels.ts";

const paths = ["b/1.png", "a/x/2.png", "top.png", "b/3.png", "c/x/4.png"];

test("folders are categories, the most frequent first, then by name; the top one is called /", () => {
  const { names, codes } = foldersOf(paths);
  // Two folders end with x, so these are shown by their whole paths.
  expect(names).toEqual(["b", "/", "a/x", "c/x"]);
  expect([...codes]).toEqual([0, 2, 1, 0, 3]);
  expect(foldersOf(["a/x/1.png", "a/y/2.png"]).names).toEqual(["x", "y"]);
  expect(foldersOf(["train/x/1.png", "val/x/2.png"]).names).toEqual(["x"]);
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
