/** What lies side by side in a map can be told apart by every eye: by number, in many layouts and with few and many classes. */
import {
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
} from "culori";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { loadVectors } from "../../../../src/core/neighbours/index.ts";
import { project } from "../../../../src/core/projection/index.ts";
import { COMBINED, DEFAULT_PROJECTION } from "../../../../src/shared/index.ts";
import { COLOURED } from "../../../../webview-ui/projections/classColours.ts";
import { colouredCategories, OTHER } from "../../../../webview-ui/projections/colours.ts";
import { CLASS_COLOURS } from "../../../../webview-ui/projections/palette.ts";
import { clusteredVectors } from "../../../fixtures/clusteredVectors.ts";

interface Layout {
  /** Class of each point; class 0 is the most frequent. */
  readonly codes: Int32Array;
  readonly points: Float32Array;
}

type Middles = (code: number, classes: number) => readonly [x: number, y: number];

/** Classes as blobs around their middles, the first the largest. @param spread of a blob */
function blobs(classes: number, spread: number, middle: Middles): Layout {
  const generator = xoroshiro128plus(7);
  const uniform = () => ((generator.next() >>> 0) + 0.5) / 2 ** 32;
  const codes: number[] = [];
  const points: number[] = [];
  for (let code = 0; code < classes; code++) {
    const [x, y] = middle(code, classes);
    for (let i = 0; i < 12 + Math.round((20 * (classes - code)) / classes); i++) {
      const [turn, radius] = [2 * Math.PI * uniform(), spread * Math.sqrt(-2 * Math.log(uniform()))];
      codes.push(code);
      points.push(x + radius * Math.cos(turn), y + radius * Math.sin(turn));
    }
  }
  return { codes: Int32Array.from(codes), points: Float32Array.from(points) };
}

/** As the product makes them of embeddings whose classes lie anywhere. @param spread of a class; 1 is as wide as all of them */
async function umap(classes: number, spread: number): Promise<Layout> {
  const count = Math.max(300, 12 * classes);
  const { matrices, classes: codes } = clusteredVectors({
    count,
    dims: [16],
    classes,
    seed: classes,
    spread,
    sizes: "even",
  });
  const paths = Array.from({ length: count }, (_, row) => `${String(row).padStart(5, "0")}.png`);
  const source = {
    model: { name: "test", fingerprint: "f00d", descriptors: ["only"] },
    dims: [16],
    place: "/nowhere/index.sqlite",
    paths: async () => paths,
    async *embeddings() {
      for (const [row, path] of paths.entries())
        yield { path, embedding: matrices[0]!.subarray(row * 16, (row + 1) * 16) };
    },
  };
  const vectors = await loadVectors(source, DEFAULT_PROJECTION);
  const { projection } = await project(vectors, DEFAULT_PROJECTION, { descriptors: [COMBINED] });
  return { codes, points: projection.maps.get(COMBINED)!.points };
}

const square: Middles = (code, classes) => {
  const side = Math.ceil(Math.sqrt(classes));
  return [code % side, Math.floor(code / side)];
};
const hexagons: Middles = (code, classes) => {
  const [x, y] = square(code, classes);
  return [x + (y % 2) / 2, (y * Math.sqrt(3)) / 2];
};
const spiral: Middles = (code) => [Math.sqrt(code) * Math.cos(2.4 * code), Math.sqrt(code) * Math.sin(2.4 * code)];
const row: Middles = (code) => [code, 0];
/** Heaps of nine classes each, far from each other. */
const heaps: Middles = (code) => [
  30 * ((Math.floor(code / 9) * 7) % 11) + (code % 3),
  30 * ((Math.floor(code / 9) * 5) % 7) + (Math.floor(code / 3) % 3),
];

const LAYOUTS: Readonly<Record<string, (classes: number) => Layout | Promise<Layout>>> = {
  "a square": (classes) => blobs(classes, 0.2, square),
  hexagons: (classes) => blobs(classes, 0.2, hexagons),
  "hexagons that run into each other": (classes) => blobs(classes, 0.35, hexagons),
  "a spiral": (classes) => blobs(classes, 0.3, spiral),
  "a row": (classes) => blobs(classes, 0.3, row),
  heaps: (classes) => blobs(classes, 0.4, heaps),
  "UMAP of clear classes": (classes) => umap(classes, 0.3),
  "UMAP of classes that lie over each other": (classes) => umap(classes, 0.8),
};

const rgb = converter("rgb");
const difference = differenceCiede2000();
const DICHROMATS = [filterDeficiencyProt(1), filterDeficiencyDeuter(1), filterDeficiencyTrit(1)];

/** For each point the nearest one of another class. Of many, each third is looked at. */
function neighboursOf({ codes, points }: Layout): (readonly [one: number, other: number])[] {
  const step = codes.length > 1500 ? 3 : 1;
  const pairs: [number, number][] = [];
  for (let i = 0; i < codes.length; i += step) {
    let [nearest, least] = [-1, Infinity];
    for (let j = 0; j < codes.length; j++) {
      if (codes[j] === codes[i]) continue;
      const distance = (points[2 * i]! - points[2 * j]!) ** 2 + (points[2 * i + 1]! - points[2 * j + 1]!) ** 2;
      if (distance < least) [nearest, least] = [j, distance];
    }
    pairs.push([codes[i]!, codes[nearest]!]);
  }
  return pairs;
}

/** A layout by UMAP takes a second or more: of the middle numbers of classes only. */
const CASES = [5, 40, 100, 300].flatMap((classes) =>
  Object.keys(LAYOUTS)
    .filter((name) => !name.startsWith("UMAP") || (classes >= 40 && classes <= 100))
    .map((name) => ({ classes, name })),
);

test.for(CASES)("$classes classes, $name: 15 apart, and 8 to every colour-blind eye", async ({ classes, name }) => {
  const layout = await LAYOUTS[name]!(classes);
  const names = Array.from({ length: classes }, (_, code) => `class ${code}`);
  const all = colouredCategories({ names, codes: layout.codes }, [], layout.points);
  expect(all.filter(({ colour }) => colour !== OTHER)).toHaveLength(Math.min(classes, COLOURED));
  // Beyond the coloured ones all are grey, and say so in the legend.
  const pairs = neighboursOf(layout)
    .map(([one, other]) => [all[one]!.colour, all[other]!.colour] as const)
    .filter(([a, b]) => a !== OTHER && b !== OTHER);
  expect(pairs.length).toBeGreaterThan(100);
  for (const ground of ["light", "dark"] as const) {
    const alike = pairs.filter(([one, other]) => {
      const [a, b] = [rgb(CLASS_COLOURS[ground][one]!)!, rgb(CLASS_COLOURS[ground][other]!)!];
      return difference(a, b) < 15 || DICHROMATS.some((eye) => difference(eye(a), eye(b)) < 8);
    });
    // Where classes lie all over each other, some point lies beside every other class.
    expect(alike.length / pairs.length, ground).toBeLessThanOrEqual(/over each other/.test(name) ? 0.01 : 0);
  }
});
