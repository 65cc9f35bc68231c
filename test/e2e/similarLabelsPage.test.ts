/** Labels in the similar page, by itself with a host that knows its answers. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { ROOT } from "../../scripts/lib/paths.mjs";
import type { ShownLabels, SimilarState, TableColumn } from "../../src/shared/index.ts";
import { columnNotes } from "../fixtures/columnNotes.ts";
import { openPage } from "./support/pageHarness.ts";
import { similarState } from "./support/similarState.ts";
import { THEMES } from "./support/themes.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => page?.close());

const FROM: TableColumn = { file: "/images/labels.csv", column: "kind" };
const TABLES = [
  { file: "/images/labels.csv", columns: ["kind", "artist"], problem: null },
  { file: "/images/meta.parquet", columns: ["split"], problem: null },
];
const STATE = similarState(40);
const paths = STATE.result!.results["combined"]!.map(({ path }) => path);
/** Every third image is an owl, as the query is; every third a wren; the rest has no label. */
const kindOf = (i: number) => ["owl", "wren", undefined][i % 3];
const byPath = paths.flatMap((path, i) => {
  const label = kindOf(i);
  return label === undefined ? [] : [[path, label] as const];
});
const LABELS: ShownLabels = {
  tables: TABLES,
  byPath: [[STATE.query.path, "owl"], ...byPath],
  facets: {
    labels: [
      { label: "wren", images: 130 },
      { label: "owl", images: 120 },
      { label: "a rather long label that does not fit into the row", images: 3 },
    ],
    others: { labels: 0, images: 0 },
    unlabelled: 9,
    notes: columnNotes({
      images: 262,
      matched: 253,
      unknown: { count: 5, first: ["gone.png", "away.png", "none.png"] },
      oddLines: { count: 1, first: [7] },
    }),
    split: [],
  },
  problem: null,
};

const open = async (labels: ShownLabels, change: Partial<SimilarState> = {}, answers: object = {}) => {
  page = await openPage(browser, "similar", {
    ready: {
      state: { ...STATE, ...change },
      panel: { canGoBack: false, canGoForward: false, pinned: false, severalFolders: false },
      saved: { folder: "/images" },
      labels,
    },
    ...answers,
  });
  await page.locator(".card[data-path] img").first().waitFor();
};
const asked = (method: string) =>
  page.evaluate(
    (name) =>
      (globalThis as unknown as { asked: { method: string; params: unknown }[] }).asked
        .filter((request) => request.method === name)
        .map(({ params }) => params as Record<string, unknown>),
    method,
  );
const told = (method: string, params: unknown) =>
  page.evaluate(
    (data) => void globalThis.dispatchEvent(new MessageEvent("message", { data: { jsonrpc: "2.0", ...data } })),
    { method, params },
  );
const problems = () =>
  page.evaluate(async (source) => {
    const script = document.createElement("script");
    script.textContent = source;
    document.head.append(script);
    const run = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> } })
      .axe.run;
    return (await run()).violations.filter(({ impact }) => /serious|critical/.test(impact)).map(({ id }) => id);
  }, axe.source);
const combined = () => page.locator('.card[data-column="combined"]');
const source = () => page.locator("select.label-source");

test("offers folders and the columns of tables; a column is asked for, and its labels are marked", async () => {
  await open({ ...LABELS, byPath: [], facets: null });
  expect(await source().locator("option").allInnerTexts()).toEqual(["Folder", "kind", "artist", "split", "A table..."]);
  expect(
    await source()
      .locator("optgroup")
      .evaluateAll((all) => all.map((each) => each.getAttribute("label"))),
  ).toEqual(["labels.csv", "meta.parquet"]);
  expect(await page.locator(".label-mark").count()).toBe(0);
  await source().selectOption({ label: "kind" });
  await expect.poll(async () => (await asked("query")).at(-1)).toMatchObject({ labels: FROM, filter: {} });
  await told("state", {
    state: { ...STATE, labels: FROM },
    panel: { canGoBack: false, canGoForward: false, pinned: false },
    saved: { folder: "/images" },
    answer: 1,
  });
  await told("labels", LABELS);
  await expect
    .poll(() =>
      combined().evaluateAll((cards) =>
        cards.slice(0, 3).map((card) => {
          const mark = card.querySelector(".label-mark")?.getAttribute("aria-label") ?? null;
          return [
            mark,
            card
              .querySelector(".folder")!
              .textContent!.replace(/[✓✗]\s*/u, "")
              .trim(),
          ];
        }),
      ),
    )
    .toEqual([
      ["same label", "owl"],
      ["other label", "wren"],
      [null, "No label"],
    ]);
  expect(await page.locator('.head[data-column="combined"] .tally').textContent()).toMatch(
    /14 of 27.*13 without.*14\/27/s,
  );
  expect(await page.locator(".filter-notes").textContent()).toMatch(
    /253 of 262 images.*5 \(gone\.png, away\.png, none\.png, \.\.\.\).*1 \(7\)/s,
  );
});

test("filters by labels, with their counts, by keys alone", async () => {
  await open(LABELS, { labels: FROM });
  const menu = page.locator(".label-filter");
  await menu.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect
    .poll(() => menu.locator("li").allInnerTexts())
    .toEqual([
      expect.stringMatching(/^owl\s*14 \/ 120$/),
      expect.stringMatching(/^wren\s*13 \/ 130$/),
      expect.stringMatching(/^a rather long label.*0 \/ 3$/s),
      expect.stringMatching(/^No label\s*13 \/ 9$/),
    ]);
  await menu.getByRole("checkbox", { name: /^wren/ }).focus();
  await page.keyboard.press("Space");
  await expect.poll(async () => (await asked("query")).at(-1)).toMatchObject({ filter: { labels: ["wren"] } });
  await menu.getByRole("checkbox", { name: /^No label/ }).check();
  await expect.poll(async () => (await asked("query")).at(-1)).toMatchObject({ filter: { labels: ["wren", ""] } });
  // What is ticked is what is chosen, also where the list has changed.
  await told("labels", { ...LABELS, facets: { ...LABELS.facets!, labels: LABELS.facets!.labels.slice(0, 2) } });
  const ticked = () => menu.locator("li").evaluateAll((all) => all.map((each) => each.querySelector("input")!.checked));
  await expect.poll(ticked).toEqual([false, true, true]);
  expect(await menu.locator("summary").textContent()).toBe("2 labels");
  await menu.getByRole("button", { name: "The query's" }).click();
  await expect.poll(async () => (await asked("query")).at(-1)).toMatchObject({ filter: { labels: ["owl"] } });
  await page.keyboard.press("Escape");
  expect(await menu.getAttribute("open")).toBeNull();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SUMMARY");
  // Other labels mean something else: the filter goes.
  await source().selectOption({ label: "split" });
  await expect
    .poll(async () => (await asked("query")).at(-1))
    .toMatchObject({ labels: { column: "split" }, filter: {} });
});

test("one per label: the first card stands for the others", async () => {
  await open(LABELS, { labels: FROM });
  await page.getByLabel("one per label").check();
  await expect.poll(() => combined().count()).toBe(2 + 13);
  const badges = await combined()
    .locator(".copies")
    .evaluateAll((all) => all.map((each) => [each.textContent, each.getAttribute("title")]));
  expect(badges).toEqual([
    ["+13", "and 13 more with the same label"],
    ["+12", "and 12 more with the same label"],
  ]);
});

test("folders that are the parts of a split are said, since they are no labels", async () => {
  const said = () => page.getByText("are taken for the parts of a split").allInnerTexts();
  await open(LABELS);
  expect(await said()).toEqual([]);
  await open({ ...LABELS, facets: { ...LABELS.facets!, notes: null, split: ["test", "train"] } });
  expect(await said()).toEqual([
    "The folders test, train are taken for the parts of a split: the label of an image is its folder below them.",
  ]);
});

test("a table that vanished is told, and 10,000 labels are searched and counted", async () => {
  const problem = "/images/labels.csv: the file is gone. Choose a CSV or Parquet file.";
  await open({ ...LABELS, tables: [], byPath: [], facets: null, problem }, { labels: FROM });
  expect(await page.locator(".problem").textContent()).toBe(problem);
  expect(await source().locator("option:checked").textContent()).toContain("kind");
  const labels = Array.from({ length: 10_000 }, (_, i) => ({ label: `label ${i}`, images: 10_000 - i }));
  await told("labels", { ...LABELS, facets: { ...LABELS.facets!, labels, others: { labels: 500, images: 500 } } });
  await page.locator(".label-filter summary").click();
  await expect.poll(() => page.locator(".label-filter li").count()).toBe(201);
  expect(await page.locator(".label-filter").textContent()).toContain("and 10,300 more");
  await page.locator(".label-filter input[type=search]").fill("label 999");
  await expect.poll(() => page.locator(".label-filter li").count()).toBe(11);
});

test("where copies cannot be told, one per picture says why; of several folders they are asked for at each answer", async () => {
  const across = { order: "score", models: {}, indexing: null } as const;
  const groups = [[paths[0]!, paths[1]!]];
  await open(LABELS, { across }, { copies: groups });
  await page.getByLabel("one per picture").check();
  await expect.poll(() => combined().count()).toBe(39);
  const next = { ...STATE, across, result: { ...STATE.result!, weights: { ...STATE.result!.weights } } };
  await told("state", { state: next, panel: {}, saved: { folder: "/images" }, answer: 2 });
  await expect.poll(async () => (await asked("copies")).length).toBe(2);
  await page.close();
  await open(LABELS, {}, { copies: new Error("The engine stopped.") });
  await page.getByLabel("one per picture").check();
  await expect
    .poll(() => page.locator(".problem").textContent())
    .toBe("One per picture is not available: The engine stopped.");
  expect(await combined().count()).toBe(40);
  // Ticked again it is asked again.
  await page.getByLabel("one per picture").uncheck();
  expect(await page.locator(".problem").count()).toBe(0);
  await page.getByLabel("one per picture").check();
  await expect.poll(async () => (await asked("copies")).length).toBe(2);
});

test("looks right in every theme and width", async () => {
  mkdirSync(join(ROOT, "out", "logs"), { recursive: true });
  for (const [theme, colours] of Object.entries(THEMES)) {
    await open(LABELS, { labels: FROM });
    await page.evaluate(
      ([name, vars]) => {
        document.body.className = name!;
        document.documentElement.setAttribute("style", vars!);
      },
      [theme, colours],
    );
    await page.getByLabel("labels", { exact: true }).check();
    for (const width of [1400, 700, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.keyboard.press("Escape");
      // Behind one row where there is little room.
      if (width < 600) await page.locator(".fold > summary").click();
      await page.locator(".label-filter summary").click();
      await page.screenshot({ path: join(ROOT, "out", "logs", `labels-${theme}-${width}.png`) });
      expect(await problems(), `${theme} at ${width}`).toEqual([]);
      const { x, width: wide } = (await page.locator(".choices").boundingBox())!;
      expect(x >= 0 && x + wide <= width, `choices, ${theme} at ${width}`).toBe(true);
      expect(await page.evaluate(() => document.body.scrollWidth <= innerWidth), `${theme} at ${width}`).toBe(true);
    }
    await page.close();
  }
});
