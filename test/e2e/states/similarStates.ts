import type { Page } from "playwright-core";
import type { ShownLabels, SimilarState } from "../../../src/shared/index.ts";
import { explanation } from "../support/explanation.ts";
import { openPage } from "../support/pageHarness.ts";
import { NO_LABELS, similarState } from "../support/similarState.ts";
import { answeredByWords, CHOSEN_WEIGHTS, TEXTS } from "../support/similarVariants.ts";
import type { PageState, PageStates } from "./pageState.ts";

interface Shown {
  readonly state?: SimilarState;
  readonly panel?: object;
  readonly labels?: ShownLabels;
  readonly answers?: object;
  /** What is there once it is drawn. */
  readonly ready?: string;
  /** What is done until the state is reached. */
  readonly reach?: (page: Page) => Promise<unknown>;
}

const CARD = ".card[data-path] img";
/** As many as are in sight: more would only take longer to look at. */
const MANY = similarState(20);
const RESULT = MANY.result!;

const shown =
  ({
    state = MANY,
    panel = {},
    labels = NO_LABELS,
    answers = {},
    ready = CARD,
    reach = async () => {},
  }: Shown = {}): PageState =>
  async (browser) => {
    const page = await openPage(browser, "similar", {
      ready: {
        state,
        panel: { canGoBack: true, canGoForward: false, pinned: false, severalFolders: false, ...panel },
        saved: {},
        labels,
      },
      explain: explanation(),
      ...answers,
    });
    await page.locator(ready).first().waitFor();
    await reach(page);
    return page;
  };

const progress = {
  phase: "embedding",
  done: 120,
  total: 400,
  skipped: 2,
  imagesPerSecond: 30,
  secondsLeft: 9,
} as const;
const chance = { spoc: 0.97, mac: 0.97, gem: 0.97, combined: 0.92 };
const example = (name: string, sign: 1 | -1) => ({ name, path: `folder 1/${name}`, inside: true, sign, box: null });
const noResults = { ...MANY, result: { ...RESULT, results: {}, scores: {} }, folder: { name: "images", indexed: 1 } };
const failed = {
  ...MANY,
  result: null,
  notice: { kind: "error", text: "q.png: the file is not there any more.", actions: ["retry", "showLog"] },
} as const;
const waiting = { ...MANY, result: null, searching: true, progress };
const ranked = (column: string) => RESULT.results[column]!.slice(0, 20);
const compared = {
  ...MANY,
  result: null,
  comparison: [
    { name: "a-network-of-long-name-int8+adapted", ranked: ranked("mac") },
    { name: "m", ranked: ranked("gem") },
  ],
};
const labels: ShownLabels = {
  ...NO_LABELS,
  tables: [{ file: "/images/labels.csv", columns: ["kind", "artist"], problem: null }],
  byPath: [MANY.query.path, ...Object.keys(RESULT.scores)].map((path, i) => [path, ["owl", "wren"][i % 2]!] as const),
};
const explained = async (page: Page) => {
  await page.locator(CARD).first().click();
  await page.locator("figure[data-branch] canvas").nth(5).waitFor();
};
const pairs = [3, 4, 5].map((i) => ({ query: "folder 1/q.png", image: `folder ${i % 7}/image ${i}.png` }));

export const SIMILAR_STATES: PageStates = {
  lists: shown(),
  "one result": shown({ state: similarState(1) }),
  "no result": shown({ state: noResults, ready: ".empty" }),
  failed: shown({ state: failed, ready: ".notice" }),
  "a first look": shown({ state: waiting, ready: ".skeleton" }),
  "of the old model": shown({ state: { ...MANY, model: "another" }, ready: ".origin" }),
  "not the device that was asked for": shown({
    state: { ...MANY, unmet: { asked: "cuda", reason: "no such device" } } as SimilarState,
    ready: ".unmet",
  }),
  "the export open": shown({ reach: (page) => page.locator("details.menu summary").last().click() }),
  untrusted: shown({
    state: {
      ...failed,
      notice: { kind: "info", text: "This workspace is not trusted.", actions: ["manageTrust"] },
    },
    ready: ".notice",
  }),
  "a long search": shown({ state: { ...waiting, progress: null }, ready: ".still" }),
  indexing: shown({ state: { ...MANY, progress } }),
  gone: shown({ panel: { gone: ["folder 1/q.png"] }, ready: ".gone" }),
  scrolled: shown({
    reach: async (page) => {
      await page.locator(".scroller").evaluate((scroller) => scroller.scrollTo(0, 600));
      await page.locator(".folded .bar").waitFor();
    },
  }),
  explained: shown({ reach: explained }),
  enlarged: shown({
    reach: async (page) => {
      await explained(page);
      await page.locator('figure[data-branch="mac"] .enlarge').click();
      await page.locator("dialog lookalike-heat").nth(3).waitFor();
    },
  }),
  grid: shown({
    reach: async (page) => {
      await page.getByRole("button", { name: "Grid: one list over the whole width" }).click();
      await page.locator('[role="tab"][aria-selected="true"]').waitFor();
    },
  }),
  "a box": shown({
    state: { ...MANY, examples: [{ ...MANY.examples[0]!, box: { x: 0.2, y: 0.2, width: 0.5, height: 0.5 } }] },
    ready: ".region",
  }),
  "several examples": shown({
    state: { ...MANY, examples: [MANY.examples[0]!, example("image 1.png", 1), example("image 3.png", -1)] },
    ready: ".chip.negative",
  }),
  "several folders": shown({
    state: { ...MANY, across: { order: "rank", models: {}, indexing: null } as NonNullable<SimilarState["across"]> },
    panel: { severalFolders: true },
  }),
  "like random pairs": shown({ state: { ...MANY, result: { ...RESULT, chance } }, ready: ".chance-line" }),
  "nothing close": shown({
    state: { ...MANY, result: { ...RESULT, chance: { ...chance, combined: 1 } } },
    ready: ".nothing-close",
  }),
  labels: shown({
    labels,
    reach: async (page) => {
      await page.getByRole("checkbox", { name: "labels" }).first().check();
      await page.locator(".tally").nth(3).waitFor();
    },
  }),
  "labels below a split": shown({
    labels: {
      ...labels,
      facets: {
        labels: [{ label: "owl", images: 10 }],
        others: { labels: 0, images: 0 },
        unlabelled: 0,
        notes: null,
        split: ["train", "val", "test"],
      },
    },
    reach: async (page) => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.locator(".filter-notes").first().waitFor();
    },
  }),
  weights: shown({
    state: { ...MANY, result: { ...RESULT, weights: CHOSEN_WEIGHTS.weights, suggested: CHOSEN_WEIGHTS } },
  }),
  marks: shown({
    state: { ...MANY, result: { ...RESULT, suggested: CHOSEN_WEIGHTS } },
    answers: { pairs },
    reach: async (page) => {
      await page.getByRole("button", { name: "By marks..." }).click();
      await page.locator("lookalike-marks [role=status]").waitFor();
    },
  }),
  "words beside a picture": shown({ state: { ...similarState(30), texts: TEXTS, takesWords: true } }),
  "words alone": shown({ state: answeredByWords(TEXTS) }),
  comparison: shown({ state: compared }),
};
