import { expect, test } from "vitest";
import { weightedNote } from "../../../src/core/reports/weighted.ts";

test("weights that classes chose are said to be flattered, and those that no label chose are not", () => {
  const note = (from: "names" | "marks" | "gate") =>
    weightedNote("m", ["spoc", "mac"], { weights: { spoc: 1, mac: 0.5 }, from, images: 9 });
  expect(note("names")).toMatch(/chosen by classes of this folder, so that figure flatters them/);
  expect(note("marks")).toMatch(/may flatter/);
  expect(note("gate")).toMatch(
    /\(spoc 1, mac 0.5\); "spoc\+mac" is the equal mix\. They were chosen without labels\.$/,
  );
});
