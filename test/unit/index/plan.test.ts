import { expect, test } from "vitest";
import { Planner } from "../../../src/core/index/plan.ts";

const file = (path: string, mtimeMs = 1, size = 10, ctimeMs = 5) => ({ path, mtimeMs, ctimeMs, size });
const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path);

test("sorts files into added, changed, unchanged and gone", () => {
  const planner = new Planner([file("same.png"), file("newer.png"), file("grown.png"), file("gone.png", 1, 99)], []);
  for (const seen of [file("new.png"), file("same.png"), file("newer.png", 2), file("grown.png", 1, 11)]) {
    planner.see(seen);
  }
  const plan = planner.finish([]);
  expect(paths(plan.work)).toEqual(["grown.png", "new.png", "newer.png"]);
  expect([...plan.changed].sort()).toEqual(["grown.png", "newer.png"]);
  expect(paths(plan.gone)).toEqual(["gone.png"]);
  expect(plan).toMatchObject({ unchanged: 1, candidates: 0 });
});

test("what may have been moved comes first", () => {
  const planner = new Planner([file("old/a.png", 1, 7)], []);
  for (const seen of [file("b.png"), file("new/a.png", 1, 7)]) planner.see(seen);
  const plan = planner.finish([]);
  expect(paths(plan.work)).toEqual(["new/a.png", "b.png"]);
  expect(plan.candidates).toBe(1);
});

test("tries a skipped file again only when it changed", () => {
  const skips = ["broken.jpg", "mended.jpg", "deleted.jpg"].map((path) => ({ ...file(path), reason: "damaged" }));
  const planner = new Planner([], skips);
  planner.see(file("broken.jpg"));
  planner.see(file("mended.jpg", 2));
  const plan = planner.finish([]);
  expect(paths(plan.stillSkipped)).toEqual(["broken.jpg"]);
  expect(paths(plan.work)).toEqual(["mended.jpg"]);
  expect(paths(plan.goneSkipped)).toEqual(["deleted.jpg"]);
  expect(plan.gone).toEqual([]);
});

test("again: everything is work, nothing counts as changed", () => {
  const planner = new Planner([file("a.png"), file("gone.png")], [{ ...file("broken.jpg"), reason: "damaged" }], {
    again: true,
  });
  planner.see(file("a.png"));
  planner.see(file("broken.jpg"));
  const plan = planner.finish([]);
  expect(paths(plan.work)).toEqual(["a.png", "broken.jpg"]);
  expect(paths(plan.gone)).toEqual(["gone.png"]);
  expect(plan).toMatchObject({ unchanged: 0, candidates: 0, stillSkipped: [] });
});

test("what could not be looked at is not gone", () => {
  const planner = new Planner([file("locked/a.png"), file("locked2.png"), file("locked.png")], []);
  expect(paths(planner.finish(["locked", "locked.png"]).gone)).toEqual(["locked2.png"]);
});
