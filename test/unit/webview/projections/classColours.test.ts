import {
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  wcagContrast,
} from "culori";
import { expect, test } from "vitest";
import { classColours } from "../../../../webview-ui/projections/classColours.ts";
import { CLASS_COLOURS, OTHER_COLOUR } from "../../../../webview-ui/projections/palette.ts";

const rgb = converter("rgb");
const difference = differenceCiede2000();
const DICHROMATS = [filterDeficiencyProt(1), filterDeficiencyDeuter(1), filterDeficiencyTrit(1)];
/** What an eye sees of a colour. */
const shown = (seen: (typeof DICHROMATS)[number], colour: string) => seen(rgb(colour)!);
const GROUND = { light: "#ffffff", dark: "#1e1e1e" };

test.each(["light", "dark"] as const)(
  "on %s ground any two colours of classes can be told apart by every eye",
  (ground) => {
    const colours: string[] = [...CLASS_COLOURS[ground]];
    expect(new Set(colours).size).toBeGreaterThanOrEqual(18);
    for (const [i, one] of colours.entries()) {
      expect(wcagContrast(one, GROUND[ground])).toBeGreaterThan(2.4);
      expect(difference(one, OTHER_COLOUR[ground])).toBeGreaterThan(15);
      for (const other of colours.slice(0, i)) {
        expect(difference(one, other)).toBeGreaterThan(15);
        for (const seen of DICHROMATS) expect(difference(shown(seen, one), shown(seen, other))).toBeGreaterThan(8);
      }
    }
  },
);

test("while there are colours enough each class has its own, in order", () => {
  expect([...classColours(Int32Array.of(0, 1, 2), 3, 4, new Float32Array(6))]).toEqual([0, 1, 2]);
});

/** Clusters of points at the places of a lattice, class after class. */
function lattice(side: number, each: number): { codes: Int32Array; points: Float32Array } {
  const codes: number[] = [];
  const points: number[] = [];
  for (let code = 0; code < side * side; code++) {
    for (let i = 0; i < each; i++) {
      codes.push(code);
      // In a spiral around the middle of the class.
      const [turn, radius] = [2.4 * i, 0.4 * Math.sqrt((i + 0.5) / each)];
      points.push((code % side) + radius * Math.cos(turn), Math.floor(code / side) + radius * Math.sin(turn));
    }
  }
  return { codes: Int32Array.from(codes), points: Float32Array.from(points) };
}

test("of a hundred classes those side by side have different colours, and all colours are used", () => {
  const side = 10;
  const { codes, points } = lattice(side, 12);
  const colours = classColours(codes, side * side, 18, points);
  expect(new Set(colours).size).toBe(18);
  for (let a = 0; a < colours.length; a++) {
    for (let b = 0; b < a; b++) {
      const apart = Math.hypot((a % side) - (b % side), Math.floor(a / side) - Math.floor(b / side));
      if (apart < 2.3) expect([a, b, colours[a]]).not.toEqual([a, b, colours[b]]);
    }
  }
});

test("classes whose points lie among each other differ wherever their middles are", () => {
  // Class 0 is spread over all others, which lie in a row.
  const others = 29;
  const codes = Int32Array.from({ length: others * 6 }, (_, i) => (i % 2 === 0 ? 0 : 1 + Math.floor(i / 6)));
  const places = new Float32Array(2 * codes.length);
  for (let i = 0; i < codes.length; i++) places[2 * i] = Math.floor(i / 6) + (i % 6) / 10;
  const colours = classColours(codes, others + 1, 18, places);
  expect([...colours.slice(1)]).not.toContain(colours[0]);
});

test("without a map the colours repeat, and points without a place are passed over", () => {
  const codes = Int32Array.from({ length: 40 }, (_, i) => i % 20);
  expect([...classColours(codes, 20, 18, undefined)].slice(16)).toEqual([16, 17, 0, 1]);
  const nowhere = classColours(codes, 20, 18, new Float32Array(80).fill(Number.NaN));
  expect([...nowhere].every((colour) => colour < 18)).toBe(true);
});
