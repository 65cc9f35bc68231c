import { cpSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { THEMES } from "../../scripts/lib/workbench.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { axeProblems, frameOf } from "./support/axe.ts";
import { cardsIn, pathsIn, similarTo, WIDE } from "./support/similarWindow.ts";
import { keepPicture, openWindow, type TestWindow, untilKept } from "./support/window.ts";

let window: TestWindow;
/** `<emoji>/<artist>.<ending>` of the query. */
let query: string;
let total: number;
let view: FrameLocator;

beforeAll(async () => {
  const { folder, images } = await ensureEmoji({ classes: 16 });
  window = await openWindow({ fill: async (target) => cpSync(folder, target, { recursive: true }) });
  await window.page.setViewportSize(WIDE);
  query = images[0]!.path;
  total = images.length;
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const cards = (column: string) => cardsIn(view, column);
const paths = (column: string) => pathsIn(view, column);
/** Column and rank of the card that has the focus. */
const focused = () =>
  view
    .locator(".card:focus")
    .evaluate((card) => [card.getAttribute("data-column"), Number(card.getAttribute("data-rank"))]);

const PREVIEW = () => window.page.locator(".italic");
const KEPT = () => window.page.locator(":not(.italic)");

/** The panel is alone in the first column and seen, the image alone in the second. */
async function expectBeside(path: string): Promise<void> {
  const columns = window.page.locator(".editor-group-container");
  await expect
    .poll(() => columns.locator(".tab").evaluateAll((all) => all.map((tab) => tab.getAttribute("aria-selected"))))
    .toEqual(["true", "true"]);
  expect(await columns.count()).toBe(2);
  expect(await columns.first().locator(".tab").textContent()).toMatch(/^Similar: /);
  expect(await columns.last().locator(".tab").getAttribute("data-resource-name")).toBe(basename(path));
  expect(await cards("combined").first().isVisible()).toBe(true);
}

/** What axe finds wrong with the page and its lists. */
async function problems(): Promise<string[]> {
  await view.locator(".card[data-path]").first().waitFor();
  return axeProblems(await frameOf(view.locator("body")), "lookalike-similar");
}

test("right-click an image: indexing is seen, then four lists with the results of the command line", async () => {
  const { workbench } = window;
  await workbench.expand(dirname(query));
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  view = workbench.webview();
  await view.locator(".progress, .card").first().waitFor();
  // What is shown before is of the first images only.
  const indexed = window.page.locator(".statusbar-item", { hasText: `${total} images · CPU` });
  await expect
    .poll(async () => (await indexed.textContent())?.trim(), { timeout: 180_000 })
    .toBe(`${total} images · CPU`);
  await workbench.results(query);

  const heads = await view.locator(".head .title").allInnerTexts();
  expect(heads.map((head) => head.replace(/\s+/g, " "))).toEqual(["S SPoC", "M MAC", "G GeM", "C Combined"]);
  const { results } = similarTo(window, query);
  for (const [column, list] of Object.entries(results)) {
    // The last search may still be under way.
    await expect.poll(() => paths(column), { message: column, timeout: 60_000 }).toEqual(list.map(({ path }) => path));
    const score = cards(column).first().locator(".score");
    await expect.poll(() => score.textContent()).toBe(list[0]!.score.toFixed(2));
  }
  await view.locator(".card img").first().waitFor();
  const size = await view
    .locator(".card img")
    .first()
    .evaluate((image) => (image as HTMLImageElement).naturalWidth);
  expect(size).toBeGreaterThan(50);
  expect((await workbench.status().textContent())?.trim()).toMatch(/^\d+ images · CPU$/);
});

test("hovering a result lights it up in every list that holds it, and nothing else", async () => {
  const card = cards("combined").first();
  const path = await card.getAttribute("data-path");
  await card.hover();
  await view.locator(".card.alight").first().waitFor();
  const alight = await view
    .locator(".card.alight")
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-path")));
  expect(alight.length).toBe(await view.locator(`.card[data-path="${path}"]`).count());
  expect(new Set(alight)).toEqual(new Set([path]));
  expect(alight.length).toBeGreaterThan(1);
});

test("the bar of a combined score is split into its branches", async () => {
  const score = Number(await cards("combined").first().locator(".score").textContent());
  const widths = await cards("combined")
    .first()
    .locator(".shares rect")
    .evaluateAll((all) => all.map((rect) => Number(rect.getAttribute("width"))));
  expect(widths).toHaveLength(3);
  expect(Math.abs(widths.reduce((sum, width) => sum + width, 0) - score)).toBeLessThan(0.006);
});

test("a double click opens an image for keeps, beside the panel", async () => {
  const { workbench } = window;
  const [path] = await paths("mac");
  await cards("mac").first().dblclick();
  await workbench.tab(path!).and(KEPT()).waitFor();
  await expectBeside(path!);
  await window.workbench.closeColumn("last");
});

test("Space previews an image beside the panel, and the next one takes its place", async () => {
  const { workbench, page } = window;
  const [first, second] = await paths("combined");
  await cards("combined").nth(0).focus();
  await page.keyboard.press("Space");
  await workbench.tab(first!).and(PREVIEW()).waitFor();
  await expectBeside(first!);
  await cards("combined").nth(1).focus();
  await page.keyboard.press("Space");
  await workbench.tab(second!).and(PREVIEW()).waitFor();
  await expectBeside(second!);
});

test("the keyboard moves through the lists, previews and opens", async () => {
  const { page, workbench } = window;
  await cards("spoc").first().focus();
  for (const [key, expected] of [
    ["ArrowDown", ["spoc", 2]],
    ["ArrowRight", ["mac", 2]],
    ["ArrowUp", ["mac", 1]],
    ["End", ["mac", await cards("mac").count()]],
    ["Home", ["mac", 1]],
    ["PageDown", ["mac", 6]],
    ["ArrowLeft", ["spoc", 6]],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(focused, { message: key }).toEqual(expected);
  }
  const path = (await paths("spoc"))[5]!;
  await page.keyboard.press("Space");
  await workbench.tab(path).and(PREVIEW()).waitFor();
  expect(await focused()).toEqual(["spoc", 6]);
  await page.keyboard.press("Enter");
  await workbench.tab(path).and(KEPT()).waitFor();
  await expectBeside(path);
  await window.workbench.closeColumn("last");
});

test("the lists have no accessibility problems in light, dark and high contrast", async () => {
  for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
    await window.workbench.theme(theme);
    await view.locator(`body.vscode-${theme}`).waitFor();
    expect(await problems(), theme).toEqual([]);
  }
  await window.workbench.theme("light");
});

test("a card is named by what it shows, in whole words, and described by where else it is", async () => {
  const card = cards("combined").first();
  const path = (await card.getAttribute("data-path"))!;
  const [label, file] = path.split("/") as [string, string];
  const score = await card.locator(".score").textContent();
  expect(await card.ariaSnapshot()).toContain(`gridcell "1 ${file} ${label} ${score}`);
  expect(await card.getAttribute("title")).toMatch(/\n(Also in \w+: rank \d+|Only in this list)/);
});

test("Find Similar from Here makes a result the query", async () => {
  const { workbench } = window;
  const path = (await cards("gem").first().getAttribute("data-path"))!;
  await workbench.contextMenu(cards("gem").first(), "Find Similar from Here");
  await workbench.results(path);
  await expect.poll(() => paths("gem")).not.toContain(path);
});

test("a reload of the window brings the panel back", async () => {
  const { page, workbench } = window;
  const path = (await view.locator("header .path").textContent())!;
  await untilKept(window, `"image":"${join(window.folder, path.split("/").slice(1).join("/"))}"`);
  await page.reload();
  view = workbench.webview();
  await workbench.results(path);
  await expect.poll(() => cards("combined").count()).toBeGreaterThan(10);
});

test("after a reload of the window the way back is there: to the query before, and to where one came from", async () => {
  const { page, workbench } = window;
  const path = (await view.locator("header .path").textContent())!.split("/").slice(1).join("/");
  await cards("combined").first().focus();
  await page.keyboard.press("Alt+ArrowLeft");
  await workbench.results(query);
  await view.getByRole("button", { name: "Forward (Alt+Right)" }).click();
  await workbench.results(path);
  await cards("combined").first().focus();
  await page.keyboard.press("Escape");
  await page.locator(".explorer-folders-view .monaco-list:focus-within").waitFor();
});

test("a narrow panel shows one list at a time, behind tabs", async () => {
  const { page } = window;
  await page.setViewportSize({ width: 760, height: 900 });
  await view.locator('[role="tab"]').first().waitFor();
  expect(await view.locator(".head").count()).toBe(1);
  expect(await view.locator('[role="tab"][aria-selected="true"]').textContent()).toContain("Combined");
  await view.locator('[role="tab"]', { hasText: "MAC" }).click();
  await cards("mac").first().waitFor();
  expect(await cards("combined").count()).toBe(0);
  expect(await problems()).toEqual([]);
  await keepPicture(window, "narrow panel");
  await page.setViewportSize(WIDE);
  await cards("spoc").first().waitFor();
});

test("the card that has the focus keeps it where there is room for its list only", async () => {
  const { page } = window;
  await cards("spoc").nth(2).focus();
  await page.setViewportSize({ width: 760, height: 900 });
  await view.locator('[role="tab"][aria-selected="true"]', { hasText: "SPoC" }).waitFor();
  await expect.poll(focused).toEqual(["spoc", 3]);
  await page.setViewportSize(WIDE);
  await cards("mac").first().waitFor();
  await expect.poll(focused).toEqual(["spoc", 3]);
});

test("the palette finds similar images of the open image, and rebuilds the index", async () => {
  const { workbench, page } = window;
  await workbench.expand(dirname(query));
  await workbench.row(query).dblclick();
  await workbench.tab(query).and(KEPT()).waitFor();
  await workbench.command("Lookalike: Find Similar Images...");
  await workbench.results(query);
  await workbench.command("Lookalike: Rebuild Index");
  await page.locator(".statusbar-item", { hasText: /embedded/ }).waitFor({ timeout: 60_000 });
  await workbench.command("Lookalike: Show Log");
  await page.locator(".output-view, .panel .output").first().waitFor();
});
