import { describe, expect, it } from "vitest";
import { figureNote, hasFigure, judgeFigure } from "../../../src/shared/index.ts";

describe("what a figure was measured on", () => {
  it.each([
    { queries: 500, classes: 1, verdict: "oneClass", figure: false },
    { queries: 0, classes: 0, verdict: "oneClass", figure: false },
    { queries: 0, classes: 9, verdict: "fewQueries", figure: false },
    { queries: 9, classes: 2, verdict: "fewQueries", figure: false },
    { queries: 10, classes: 2, verdict: "tooFewToTell", figure: true },
    { queries: 99, classes: 50, verdict: "tooFewToTell", figure: true },
    { queries: 100, classes: 2, verdict: "enough", figure: true },
  ])("says of $queries queries in $classes classes: $verdict", ({ queries, classes, verdict, figure }) => {
    expect(judgeFigure({ queries, classes })).toBe(verdict);
    expect(hasFigure({ queries, classes })).toBe(figure);
  });

  it("says why in words, and nothing where there is enough", () => {
    expect(figureNote({ queries: 500, classes: 1 })).toMatch(/one class/);
    expect(figureNote({ queries: 0, classes: 0 })).toMatch(/no image has a label/);
    expect(figureNote({ queries: 3, classes: 2 })).toMatch(/^no figure: 3 queries/);
    expect(figureNote({ queries: 40, classes: 4 })).toMatch(/^too few to tell: 40 queries/);
    expect(figureNote({ queries: 400, classes: 4 })).toBeNull();
  });
});
