import { expect, test } from "vitest";
import { COLOURED } from "../../../../webview-ui/projections/classColours.ts";
import {
  categoryColours,
  colouredCategories,
  LABEL_COLOURS,
  numberColours,
  OTHER,
  SCALE,
} from "../../../../webview-ui/projections/colours.ts";
import { rangeOf, SCALE_STEPS, scaleColours } from "../../../../webview-ui/projections/scale.ts";

const COUNT = COLOURED + 3;
const names = Array.from({ length: COUNT }, (_, i) => `class ${i}`);
// Class i has COUNT - i images; two images have none.
const codes = Int32Array.from([...names.flatMap((_, i) => Array.from({ length: COUNT - i }, () => i)), -1, -1]);

test("the most frequent categories have colours, which repeat, and the others and images without one are grey", () => {
  const all = colouredCategories({ names, codes }, []);
  expect(all.map(({ count }) => count)).toEqual(names.map((_, i) => COUNT - i));
  expect(all.map(({ colour }) => colour)).toEqual(names.map((_, i) => (i < COLOURED ? i % LABEL_COLOURS : OTHER)));
  const colours = categoryColours({ names, codes }, all);
  expect([...colours]).toEqual([...codes].map((code) => (code < 0 || code >= COLOURED ? OTHER : code % LABEL_COLOURS)));
});

test("where some are chosen, they have the colours in that order, and all else is grey", () => {
  const all = colouredCategories({ names, codes }, [COLOURED + 1, 2]);
  expect(all.filter(({ colour }) => colour !== OTHER).map(({ code, colour }) => [code, colour])).toEqual([
    [2, 1],
    [COLOURED + 1, 0],
  ]);
  expect(all.filter(({ chosen }) => chosen).map(({ code }) => code)).toEqual([2, COLOURED + 1]);
  const many = colouredCategories({ names, codes }, [...names.keys()].reverse());
  expect(many[0]!.colour).toBe(OTHER);
  expect(many[COUNT - 1]!.colour).toBe(0);
});

test("with a map, categories side by side get other colours", () => {
  // In a row by their code: each has the next ones beside it.
  const points = Float32Array.from([...codes].flatMap((code, row) => [code, (row % 5) / 50]));
  const all = colouredCategories({ names, codes }, [], points);
  for (let code = 1; code < COLOURED; code++) expect(all[code]!.colour).not.toBe(all[code - 1]!.colour);
});

test("numbers go evenly over the scale, beyond its ends to the end, and what is none is grey", () => {
  const values = Float64Array.of(10, 15, 20, 5, 99, Number.NaN);
  const last = SCALE + SCALE_STEPS - 1;
  const colours = numberColours(values, { low: 10, high: 20, below: true, above: true });
  expect([...colours]).toEqual([SCALE, Math.round(SCALE + (SCALE_STEPS - 1) / 2), last, SCALE, last, OTHER]);
  expect([...numberColours(Float64Array.of(3, 3), rangeOf(Float64Array.of(3, 3))!)]).toEqual([SCALE, SCALE]);
});

test("of few numbers the range is all of them; of many, the outermost hundredths lie beyond it", () => {
  expect(rangeOf(Float64Array.of(4, Number.NaN, -2, 7))).toEqual({ low: -2, high: 7, below: false, above: false });
  expect(rangeOf(Float64Array.of(Number.NaN))).toBeUndefined();
  const many = Float64Array.from({ length: 1000 }, (_, i) => (i === 500 ? 1e9 : i));
  const { low, high, below, above } = rangeOf(many)!;
  expect([low, high, below, above]).toEqual([10, 990, true, true]);
});

/** Relative luminance as WCAG defines it, in float64. */
const luminance = ([r, g, b]: readonly number[]) => {
  const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r!) + 0.7152 * linear(g!) + 0.0722 * linear(b!);
};
/** What a dichromat sees of a colour (Machado, Oliveira & Fernandes 2009, severity 1, on linear light). */
const DICHROMATS = {
  protanope: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranope: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
};

test.each(["dark", "light"] as const)(
  "on %s ground the scale rises in lightness at each step, also for colour-blind eyes",
  (ground) => {
    const scale = scaleColours(ground);
    expect(scale).toHaveLength(SCALE_STEPS);
    const rises = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1]!);
    expect(rises(scale.map(luminance))).toBe(true);
    for (const matrix of Object.values(DICHROMATS)) {
      const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
      const seen = scale.map((colour) => {
        const light = colour.slice(0, 3).map(linear);
        const [r, g, b] = [0, 1, 2].map((row) =>
          light.reduce((sum, value, i) => sum + matrix[3 * row + i]! * value, 0),
        );
        return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
      });
      expect(rises(seen)).toBe(true);
    }
    // Either end shows on its ground: 3:1 against VS Code's darkest and lightest editors would leave nothing of the scale,
    // so the end next to the ground keeps 1.5:1.
    const back = ground === "dark" ? luminance([0.12, 0.12, 0.12]) : 1;
    for (const end of [scale[0]!, scale.at(-1)!]) {
      const [low, high] = [luminance(end), back].sort((a, b) => a - b);
      expect((high! + 0.05) / (low! + 0.05)).toBeGreaterThan(1.5);
    }
  },
);
