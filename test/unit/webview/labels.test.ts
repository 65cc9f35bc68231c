import { expect, test } from "vitest";
import { LABEL_COLOURS, labelOf, labelsOf, nameOf } from "../../../webview-ui/projections/labels.ts";

test("the label of an image is the folder that holds it", () => {
  expect(["a/b/c.png", "b/c.png", "c.png"].map(labelOf)).toEqual(["b", "b", ""]);
  expect(["a/b/c.png", "c.png"].map(nameOf)).toEqual(["c.png", "c.png"]);
});

test("the most frequent labels have a colour of their own, all others share one", () => {
  const counts = Array.from({ length: LABEL_COLOURS + 3 }, (_, i) => ({ label: `l${i}`, count: 20 - i }));
  const paths = counts.flatMap(({ label, count }) => Array.from({ length: count }, (_, i) => `${label}/${i}.png`));
  const { all, colours } = labelsOf(paths);
  expect(all.map(({ name, count }) => [name, count])).toEqual(counts.map(({ label, count }) => [label, count]));
  expect(all.slice(0, LABEL_COLOURS).map(({ colour }) => colour)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(all.slice(LABEL_COLOURS).map(({ colour }) => colour)).toEqual([8, 8, 8]);
  for (const [row, path] of paths.entries()) {
    expect(colours[row]).toBe(Math.min(LABEL_COLOURS, Number(labelOf(path).slice(1))));
  }
});
