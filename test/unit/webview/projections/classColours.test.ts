import {
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  wcagContrast,
} from "culori";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
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

/** Classes of any size and spread: all over the map, in a few heaps, or in long ones. */
function scattered(seed: number): { codes: Int32Array; points: Float32Array; classes: number } {
  const generator = xoroshiro128plus(seed);
  const uniform = () => ((generator.next() >>> 0) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const classes = 20 + Math.floor(101 * uniform());
  const heaps = Array.from({ length: 1 + Math.floor(5 * uniform()) }, () => [10 * uniform(), 10 * uniform()] as const);
  const codes: number[] = [];
  const points: number[] = [];
  for (let code = 0; code < classes; code++) {
    const [x, y] = seed % 3 === 0 ? [10 * uniform(), 10 * uniform()] : heaps[Math.floor(uniform() * heaps.length)]!;
    const [wide, high] = [[0, 0] as const, [1, 1] as const, [0.2, 3] as const][seed % 3]!;
    const [left, bottom] = [x + wide * normal(), y + high * normal()];
    const spread = 0.05 + 0.6 * uniform();
    for (let i = 5 + Math.floor(35 * uniform()); i > 0; i--) {
      codes.push(code);
      points.push(left + spread * normal(), bottom + spread * normal());
    }
  }
  return { codes: Int32Array.from(codes), points: Float32Array.from(points), classes };
}

/** Points whose nearest one of another class has the same colour. */
function confused(codes: Int32Array, points: Float32Array, colours: Uint8Array): number {
  let found = 0;
  for (let i = 0; i < codes.length; i += 5) {
    let [nearest, least] = [i, Infinity];
    for (let j = 0; j < codes.length; j++) {
      if (codes[j] === codes[i]) continue;
      const distance = (points[2 * i]! - points[2 * j]!) ** 2 + (points[2 * i + 1]! - points[2 * j + 1]!) ** 2;
      if (distance < least) [nearest, least] = [j, distance];
    }
    if (colours[codes[nearest]!] === colours[codes[i]!]) found++;
  }
  return found;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
  "in whatever map, no point has one of another class in the same colour beside it: layout %i",
  (seed) => {
    const { codes, points, classes } = scattered(seed);
    expect(confused(codes, points, classColours(codes, classes, 18, points))).toBe(0);
    // Colours in the order of the classes would not do.
    if (classes > 40) expect(confused(codes, points, classColours(codes, classes, 18, undefined))).toBeGreaterThan(0);
  },
);

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
