import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ShownLabels, SimilarResult, SimilarState } from "../../../src/shared/index.ts";
import { foldersOf, sharedBy, shownColumns } from "../../../webview-ui/similar/filters.ts";
import { countLabels, labellingOf } from "../../../webview-ui/similar/labels.ts";
import { scoreCounts } from "../../../webview-ui/similar/scoreHistogram.ts";
import { ShownLists } from "../../../webview-ui/similar/shownLists.ts";
import { columnsOf } from "../../../webview-ui/similar/viewModel.ts";
import { anyWeight, sameWeights } from "../../../webview-ui/similar/weights.ts";

const BRANCHES = ["spoc", "mac", "gem"];

/** Lists of the three best, of made-up cosines. */
function result(cosines: Readonly<Record<string, readonly number[]>>): SimilarResult {
  const scores = Object.fromEntries(
    Object.entries(cosines).map(([path, own]) => {
      const mean = own.reduce((sum, cosine) => sum + cosine, 0) / own.length;
      return [path, { ...Object.fromEntries(BRANCHES.map((name, b) => [name, own[b]!])), combined: mean }];
    }),
  );
  const lists = [...BRANCHES, "combined"].map((column) => [
    column,
    Object.entries(scores)
      .map(([path, own]) => ({ path, score: (own as Record<string, number>)[column]! }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 3)
      .map((image, i) => ({ ...image, rank: i + 1 })),
  ]);
  return {
    query: "q.png",
    examples: [{ image: "q.png", sign: 1 }],
    weights: { spoc: 1, mac: 1, gem: 1 },
    chance: null,
    kinds: false,
    model: { name: "m", fingerprint: "", descriptors: BRANCHES },
    results: Object.fromEntries(lists),
    scores,
  };
}

const COSINES = {
  "a/1.png": [0.9, 0.1, 0.5],
  "a/2.png": [0.8, 0.2, 0.3],
  "b/3.png": [0.1, 0.9, 0.2],
  "b/c/4.png": [0.3, 0.8, 0.7],
  "5.png": [-0.2, 0.84, 0.6],
};

const combined = (columns: ReturnType<typeof columnsOf>) => columns.at(-1)!.cards;

describe("weights", () => {
  test("re-rank combined by the weighted mean of the cosines, over all images with scores", () => {
    const weights = { spoc: 0, mac: 2, gem: 1 };
    const expected = Object.entries(COSINES)
      .map(([path, [, mac, gem]]) => ({ path, score: (2 * mac! + gem!) / 3 }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 3);
    const cards = combined(columnsOf(result(COSINES), weights));
    expect(cards.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
    for (const [i, card] of cards.entries()) expect(card.score).toBeCloseTo(expected[i]!.score, 12);
  });

  test("split each combined score so that the parts add up to it", () => {
    const weight = fc.double({ min: 0.01, max: 5, noNaN: true });
    const cosine = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cosine, cosine, cosine), { minLength: 1, maxLength: 6 }),
        weight,
        weight,
        (rows, s, m) => {
          const images = Object.fromEntries(rows.map((row, i) => [`${i}.png`, row]));
          for (const { score, shares } of combined(columnsOf(result(images), { spoc: s, mac: m }))) {
            expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score, 10);
          }
        },
      ),
    );
  });

  test("the engine's own list stands where the weights are its own, only their proportions counting", () => {
    const own = { ...result(COSINES), results: { ...result(COSINES).results, combined: [] } };
    expect(combined(columnsOf(own, { spoc: 2, mac: 2, gem: 2 }))).toEqual([]);
    expect(sameWeights(BRANCHES, { spoc: 0.5, mac: 0.5 }, { gem: 2 })).toBe(true);
    expect(sameWeights(BRANCHES, { spoc: 0.5 }, {})).toBe(false);
    expect(sameWeights(["mac", "gem"], { mac: 0, gem: 0 }, {})).toBe(false);
    expect(anyWeight(BRANCHES, { spoc: 0, mac: 0, gem: 0 })).toBe(false);
    expect(anyWeight(BRANCHES, { spoc: 0, mac: 0 })).toBe(true);
  });
});

test("a score of a model with further branches is not split among those that are shown", () => {
  const { scores, ...others } = result(COSINES);
  const further = Object.fromEntries(Object.entries(scores).map(([path, own]) => [path, { ...own, rmac: 0.5 }]));
  const shares = combined(columnsOf({ ...others, scores: further })).flatMap((card) => card.shares);
  expect(shares).toEqual([]);
  const { model, results, ...rest } = result(COSINES);
  const alone = { ...rest, model: { ...model, descriptors: [] }, results: { combined: results["combined"]! } };
  expect(columnsOf(alone).map(({ name, cards }) => [name, cards.length])).toEqual([["combined", 3]]);
});

test("overlaps count what two lists share", () => {
  const [spoc] = columnsOf(result(COSINES));
  // SPoC: 1, 2, 4; MAC: 3, 5, 4; one of five is in both.
  expect(spoc!.overlaps.find(({ column }) => column === "mac")!.jaccard).toBeCloseTo(1 / 5, 12);
  expect(spoc!.overlaps.map(({ column }) => column)).toEqual(["mac", "gem", "combined"]);
});

const NO_LABELS: ShownLabels = { tables: [], byPath: [], facets: null, problem: null };
const OPTIONS = { labels: true, collapse: false, perLabel: false };

/** As the host tells labels of folders. */
const FOLDERS: ShownLabels["byPath"] = [
  ["b/q.png", "b"],
  ["a/q.png", "a"],
  ["a/1.png", "a"],
  ["a/2.png", "a"],
  ["b/3.png", "b"],
  ["b/c/4.png", "b/c"],
];

/** @param query its path */
function labelling(query: string, change: Partial<SimilarState> = {}, byPath: ShownLabels["byPath"] = FOLDERS) {
  const state = { query: { name: "", path: query, inside: true }, labels: null, across: null, ...change };
  return labellingOf(state as unknown as SimilarState, { ...NO_LABELS, byPath });
}
const TABLE = { labels: { file: "/x.csv", column: "kind" } };

test("copies become one card with their number, and labels are compared with the query's", () => {
  const groups = new Map([
    ["a/1.png", 0],
    ["b/c/4.png", 0],
    ["5.png", 1],
  ]);
  const own = labelling("a/q.png");
  const standsFor = sharedBy({ ...OPTIONS, collapse: true }, own, groups);
  const shown = shownColumns(columnsOf(result(COSINES)), own, standsFor);
  expect(shown[0]!.cards.map(({ path, more, sameLabel }) => [path, more, sameLabel])).toEqual([
    ["a/1.png", { images: 1, because: "picture" }, true],
    ["a/2.png", null, true],
  ]);
  const [plain] = shownColumns(columnsOf(result(COSINES)), null);
  expect(plain!.cards.map(({ more, sameLabel }) => [more, sameLabel])).toEqual(Array(3).fill([null, null]));
  expect(plain!.tally).toBeNull();
});

describe("labels", () => {
  const columns = columnsOf(result(COSINES));
  // MAC: 3, 5, 4.
  const mac = 1;
  const marks = (own: ReturnType<typeof labelling>) =>
    shownColumns(columns, own)[mac]!.cards.map(({ path, sameLabel }) => [path, sameLabel]);

  test("of folders: an image at the top has none, and is neither the same nor different", () => {
    expect(marks(labelling("b/q.png"))).toEqual([
      ["b/3.png", true],
      ["5.png", null],
      ["b/c/4.png", false],
    ]);
    expect(marks(labelling("q.png")).map(([, same]) => same)).toEqual([null, null, null]);
    // An image from outside has no label.
    expect(labelling("/b/q.png", { query: { name: "", path: "/b/q.png", inside: false } }).own).toBeNull();
  });

  test("of a table: marks, the tally of the whole list, and what each label counts", () => {
    const byPath = [
      ["q.png", "owl"],
      ["b/3.png", "owl"],
      ["b/c/4.png", "wren"],
    ] as const;
    const own = labelling("q.png", TABLE, byPath);
    const shown = shownColumns(columns, own)[mac]!;
    expect(shown.cards.map(({ label, sameLabel }) => [label, sameLabel])).toEqual([
      ["owl", true],
      ["", null],
      ["wren", false],
    ]);
    expect(shown.tally).toEqual({ same: 1, other: 1, unlabelled: 1 });
    expect([...countLabels(columns[mac]!, own)]).toEqual([
      ["owl", 1],
      ["", 1],
      ["wren", 1],
    ]);
    expect(shownColumns(columns, labelling("none.png", TABLE, byPath))[mac]!.tally).toBeNull();
  });

  test("one per label: the best stands for the others, what has no label stands for itself", () => {
    const byPath = [
      ["b/3.png", "owl"],
      ["b/c/4.png", "owl"],
    ] as const;
    const own = labelling("q.png", TABLE, byPath);
    const options = { ...OPTIONS, perLabel: true, collapse: true };
    const shown = shownColumns(columns, own, sharedBy(options, own, new Map([["5.png", 7]])))[mac]!;
    expect(shown.cards.map(({ path, more }) => [path, more])).toEqual([
      ["b/3.png", { images: 1, because: "label" }],
      ["5.png", null],
    ]);
    // A label of the name of a path's prototype is one like any other.
    const odd = labelling("q.png", TABLE, [["__proto__", "constructor"]]);
    expect([odd.labelOf("__proto__"), odd.labelOf("toString")]).toEqual(["constructor", null]);
  });

  test("make new lists only where one of them is shown: what stays the same is not drawn again", () => {
    const state = {
      ...{ query: { name: "q.png", path: "q.png", inside: true }, labels: { file: "t.csv", column: "kind" } },
      ...{ result: result(COSINES), comparison: null, across: null },
    } as unknown as SimilarState;
    const lists = new ShownLists();
    const groups = new Map<string, number>();
    const shown = (label: string, options: typeof OPTIONS) => {
      const byPath = ["q.png", ...Object.keys(COSINES)].map((path) => [path, label] as const);
      return lists.columnsOf(state, {}, { tables: [], byPath, facets: null, problem: null }, options, groups);
    };
    const unmarked = { ...OPTIONS, labels: false };
    const plain = shown("owl", unmarked);
    expect(shown("wren", { ...unmarked })).toBe(plain);
    for (const label of ["owl", "wren"]) {
      const marked = shown(label, { ...OPTIONS, labels: true });
      expect(new Set(marked.flatMap(({ cards }) => cards.map((card) => card.label)))).toEqual(new Set([label]));
    }
    expect(shown("owl", { ...OPTIONS, perLabel: true }).map(({ cards }) => cards.length)).toEqual([1, 1, 1, 1]);
  });
});

test("folders to choose from are those of images and those above them", () => {
  expect(foldersOf(Object.keys(COSINES))).toEqual(["a", "b", "b/c"]);
});

test("scores are counted in bars from 0 to 1; what lies outside counts at the ends", () => {
  const counts = scoreCounts([-0.2, 0, 0.5, 0.51, 1]);
  expect(counts).toHaveLength(25);
  expect([counts[0], counts[12], counts[24]]).toEqual([2, 2, 1]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
});
