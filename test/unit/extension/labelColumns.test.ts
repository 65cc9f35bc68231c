import { expect, test } from "vitest";
import { columnsOfLabels } from "../../../src/extension/training/labelColumns.ts";

test("what may be the labels: the usual name first, in any case, and never the split", () => {
  expect(columnsOfLabels(["kind", "Split", "Label", "breed"])).toEqual(["Label", "kind", "breed"]);
  expect(columnsOfLabels(["breed", "split"])).toEqual(["breed"]);
  expect(columnsOfLabels(["split"])).toEqual([]);
});
