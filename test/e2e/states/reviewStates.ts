import type { ReviewState } from "../../../src/shared/index.ts";
import { openPage } from "../support/pageHarness.ts";
import type { PageState, PageStates } from "./pageState.ts";

const image = (path: string) => ({ path, width: 640, height: 480, bytes: 1_500_000, score: 0.98, identical: false });

const small = (path: string) => ({ ...image(path), width: 160, height: 120, bytes: 4_200, score: 0.914 });

export const DUPLICATES: ReviewState = {
  kind: "duplicates",
  folder: "images",
  whole: null,
  duplicates: {
    images: 40,
    threshold: 0.5,
    groups: [
      { images: [image("a/1.png"), image("b/1 copy.png")] },
      { images: [image("a/2.png"), image("b/2.png"), image("c/with a rather long name of its own 2.png")] },
    ],
    // The first of a group may have others that are perhaps the same.
    perhaps: [
      { images: [image("a/1.png"), small("small/1.jpg")] },
      { images: [image("d/3.png"), small("d/3 q20.jpg")] },
    ],
    links: [{ path: "a/link.png", of: "a/1.png" }],
    skipped: [{ path: "x.png", reason: "gone" }],
  },
  labels: null,
  tables: [],
  progress: null,
  notice: null,
};

const NO_DUPLICATES = { ...DUPLICATES.duplicates!, groups: [], perhaps: [], links: [], skipped: [] };

export const LABELS: ReviewState = {
  ...DUPLICATES,
  kind: "labels",
  duplicates: null,
  labels: {
    images: 40,
    classes: 2,
    contradictions: [
      { paths: ["cat/4.png", "dog/copy of 4.png"], labels: ["cat", "dog"], why: "bytes" },
      { paths: ["cat/5.png"], labels: ["cat", "lynx"], why: "bytes" },
    ],
    unjudged: 3,
    shown: {},
    suspicious: [
      { path: "cat/1.png", label: "cat", suggested: "dog", votes: 9, k: 10, confidence: 0.9 },
      { path: "dog/2.png", label: "dog", suggested: "cat", votes: 6, k: 10, confidence: 0.4 },
    ],
    warnings: ["Row 3 names no image."],
  },
  tables: [{ file: "/images/labels.csv", columns: ["label"], problem: null }],
};

/** What the review page shows where there are fewer than two labels. */
export const NO_LABELS_PROBLEM =
  "No indexed image has exactly one label: two different ones are needed. Put the images in a folder per label, or give a labels file.";

export const NO_LABELS: ReviewState = {
  ...LABELS,
  labels: {
    ...LABELS.labels!,
    ...{ images: 0, classes: 0, contradictions: [], unjudged: 0, suspicious: [], warnings: [] },
    problem: NO_LABELS_PROBLEM,
  },
};

const shown =
  (state: ReviewState, ready: string): PageState =>
  async (browser) => {
    const page = await openPage(browser, "review", { ready: { state, saved: { labels: null } } });
    await page.locator(ready).first().waitFor();
    return page;
  };

export const REVIEW_STATES: PageStates = {
  duplicates: async (browser) => {
    const page = await shown(DUPLICATES, "[data-path]")(browser);
    await page.locator("details.links summary").click();
    return page;
  },
  "duplicates, some chosen": async (browser) => {
    const page = await shown(DUPLICATES, "[data-path]")(browser);
    await page.getByRole("button", { name: "Keep one of each" }).click();
    await page.getByLabel("Select a/1.png").first().check();
    return page;
  },
  "no duplicates in a part": shown({ ...DUPLICATES, whole: "photographs", duplicates: NO_DUPLICATES }, ".empty"),
  /** Nothing is certain: no button selects anything. */
  "perhaps the same": shown({ ...DUPLICATES, duplicates: { ...DUPLICATES.duplicates!, groups: [] } }, "h2.perhaps"),
  "no duplicates": shown({ ...DUPLICATES, duplicates: NO_DUPLICATES }, ".empty"),
  reading: shown({ ...DUPLICATES, duplicates: null, progress: { text: "Reading the index", done: null } }, ".progress"),
  stopped: shown(
    { ...DUPLICATES, duplicates: null, notice: { kind: "info", text: "Stopped.", actions: ["retry"] } },
    ".notice",
  ),
  failed: shown(
    { ...DUPLICATES, notice: { kind: "error", text: "a/1.png: the file is gone.", actions: ["retry", "showLog"] } },
    ".notice",
  ),
  labels: shown({ ...LABELS, progress: { text: "Comparing all images", done: 0.4 } }, "[data-path]"),
  "no labels": shown(NO_LABELS, "main button"),
  untrusted: shown(
    {
      ...LABELS,
      labels: null,
      notice: { kind: "info", text: "This workspace is not trusted.", actions: ["manageTrust"] },
    },
    ".notice",
  ),
  "no suspicious labels": shown(
    { ...LABELS, labels: { ...LABELS.labels!, contradictions: [], suspicious: [] } },
    ".empty",
  ),
};
