import { expect, test } from "vitest";
import { planUpdate } from "../../../src/core/index/plan.ts";

const file = (path: string, mtimeMs = 1, size = 10) => ({ path, mtimeMs, size });

test("sorts files into added, changed, unchanged and gone", () => {
  const plan = planUpdate(
    [file("new.png"), file("same.png"), file("newer.png", 2), file("grown.png", 1, 11)],
    [file("same.png"), file("newer.png"), file("grown.png"), file("gone.png")],
    [],
  );
  expect(plan.added.map((image) => image.path)).toEqual(["new.png"]);
  expect(plan.changed.map((image) => image.path)).toEqual(["newer.png", "grown.png"]);
  expect(plan.gone).toEqual(["gone.png"]);
  expect(plan.unchanged).toBe(1);
});

test("tries a skipped file again only when it changed", () => {
  const skips = [
    { ...file("broken.jpg"), reason: "damaged" },
    { ...file("mended.jpg"), reason: "damaged" },
    { ...file("deleted.jpg"), reason: "damaged" },
  ];
  const plan = planUpdate([file("broken.jpg"), file("mended.jpg", 2)], [], skips);
  expect(plan.stillSkipped.map((skip) => skip.path)).toEqual(["broken.jpg"]);
  expect(plan.added.map((image) => image.path)).toEqual(["mended.jpg"]);
  expect(plan.goneSkipped).toEqual(["deleted.jpg"]);
  expect(plan.gone).toEqual([]);
});
