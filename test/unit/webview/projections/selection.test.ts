import { beforeEach, expect, test } from "vitest";
import { DEFAULT_PROJECTION } from "../../../../src/shared/index.ts";
import { foldersOf } from "../../../../webview-ui/projections/labels.ts";
import { keptState, stateToKeep } from "../../../../webview-ui/projections/savedState.ts";
import { Selection } from "../../../../webview-ui/projections/selection.ts";

const paths = ["a/1.png", "a/2.png", "b/3.png", "b/4.png"];
let selection: Selection;
beforeEach(() => {
  selection = new Selection();
  selection.reset(paths, foldersOf(paths));
});

test("selected points are marked, and those that a search does not find are out, selected or not", () => {
  selection.set([3, 1, 1]);
  expect(selection.rows).toEqual([1, 3]);
  expect([...selection.marks]).toEqual([0, 1, 0, 1]);
  selection.find("b/", foldersOf(paths));
  expect([...selection.marks]).toEqual([2, 2, 0, 1]);
  expect(selection.foundCount).toBe(2);
  selection.selectFound();
  expect(selection.rows).toEqual([2, 3]);
  selection.find("", foldersOf(paths));
  expect([...selection.marks]).toEqual([0, 0, 1, 1]);
  expect(selection.foundCount).toBeNull();
});

test("a row is added or taken out", () => {
  selection.toggle(2);
  selection.toggle(0);
  expect(selection.rows).toEqual([0, 2]);
  selection.toggle(2);
  expect(selection.rows).toEqual([0]);
});

test("the selection and the search outlive other maps of the folder, also a moment without images", () => {
  selection.set([0, 2]);
  selection.find("3", foldersOf(paths));
  selection.reset([], foldersOf([]));
  const next = ["b/3.png", "c/5.png", "a/1.png"];
  selection.reset(next, foldersOf(next));
  expect(selection.rows).toEqual([0, 2]);
  expect([...selection.marks]).toEqual([1, 2, 2]);
});

test("what is kept is read back; whatever else an earlier page left is not taken", () => {
  const saved = { folder: "/f", under: "", parameters: DEFAULT_PROJECTION };
  const own = { selection: ["a/1.png"], pictures: false, names: true, search: "cat" };
  const kept = stateToKeep(saved, own);
  expect(keptState(kept)).toEqual(own);
  expect(kept).toMatchObject(saved);
  const large = Array.from({ length: 1001 }, (_, i) => `${i}.png`);
  expect(keptState(stateToKeep(saved, { ...own, selection: large })).selection).toEqual([]);
  const fresh = { selection: [], pictures: true, names: true, search: "" };
  for (const odd of [undefined, null, 3, {}, { selection: "a", search: 1 }, { search: null }])
    expect(keptState(odd)).toEqual(fresh);
  expect(keptState({ selection: [1, "a"] }).selection).toEqual(["a"]);
});
