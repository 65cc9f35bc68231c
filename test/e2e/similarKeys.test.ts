/** The similar page without a mouse, and in any width. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { explanation } from "./support/explanation.ts";
import { asked, notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";
import { flawsOfLooks } from "./support/themes.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => page?.close());

async function open(): Promise<void> {
  page = await openPage(browser, "similar", {
    ready: {
      state: similarState(60),
      panel: { canGoBack: true, canGoForward: false, pinned: false, severalFolders: false },
      saved: {},
      labels: NO_LABELS,
    },
    explain: explanation(),
  });
  await page.locator(".card[data-path] img").first().waitFor();
}

/** Column and rank of the card that has the focus. */
const focused = () =>
  page.evaluate(() => {
    const { column, rank } = (document.activeElement as HTMLElement).dataset;
    return `${column} ${rank}`;
  });
const onMap = () => page.evaluate(() => document.activeElement?.closest("lookalike-heat") !== null);

test("the best result has the focus; W explains, Tab leads to the maps and back, Escape to what was explained", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toBe("combined 2");
  await page.keyboard.press("w");
  await page.locator("figure[data-branch] canvas").nth(5).waitFor();
  await page.keyboard.press("Tab");
  await expect.poll(onMap).toBe(true);
  const row = page.locator('.card[data-column="combined"][data-rank="2"]');
  const inSight = () =>
    row.evaluate((card) => {
      const { top, bottom } = card.getBoundingClientRect();
      return top >= 0 && bottom <= document.querySelector("lookalike-why")!.getBoundingClientRect().top;
    });
  expect(await inSight()).toBe(true);

  // To the next result's maps: three keys.
  for (const key of ["Shift+Tab", "ArrowDown", "Tab"]) await page.keyboard.press(key);
  await expect.poll(onMap).toBe(true);
  await expect.poll(async () => (await asked(page, "explain")).length).toBe(2);

  await page.keyboard.press("Escape");
  await page.locator("lookalike-why").waitFor({ state: "detached" });
  await expect.poll(focused).toBe("combined 3");
});

test("F6 goes through the parts of the page; arrows reach the results from nowhere", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  const part = () =>
    page.evaluate(() => document.activeElement?.closest("header, .filters, lookalike-lists, lookalike-why")?.className);
  await page.keyboard.press("Shift+F6");
  expect(await part()).toBe("filters");
  await page.keyboard.press("Shift+F6");
  expect(await page.evaluate(() => document.activeElement?.closest("header") !== null)).toBe(true);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press("ArrowDown");
  await expect.poll(focused).toBe("combined 1");
  expect(await page.locator("h1, h2").allTextContents()).toEqual(expect.arrayContaining(["Results"]));
});

test("a query whose file is gone is marked, and the results of before stay", async () => {
  await open();
  const state = similarState(60);
  const panel = {
    canGoBack: true,
    canGoForward: false,
    pinned: false,
    severalFolders: false,
    gone: ["folder 1/q.png"],
  };
  await notify(page, "state", { state, panel, saved: {}, answer: 1 });
  await page.locator(".gone", { hasText: "This file is gone. The results are those of before." }).waitFor();
  expect(await page.locator(".card[data-path]").count()).toBeGreaterThan(10);
  // After a reload of the window there are none of before.
  await notify(page, "state", { state: { ...state, result: null }, panel, saved: {}, answer: 2 });
  await page.locator(".gone", { hasText: /^This file is gone\.$/ }).waitFor();
});

test("a map is enlarged beside the two pictures, all in one size, and Escape leads back to its button", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  await page.keyboard.press("w");
  await page.locator('figure[data-branch="mac"] .enlarge').click();
  const heats = page.locator("dialog lookalike-heat");
  await heats.nth(3).waitFor();
  expect(await heats.count()).toBe(4);
  const sizes = await heats.evaluateAll((all) => all.map((one) => [one.clientWidth, one.clientHeight].join()));
  expect(new Set(sizes).size).toBe(1);
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.activeElement?.closest("figure")?.getAttribute("data-branch"))).toBe("mac");
  // The strip is still there: that was one step back.
  expect(await page.locator("lookalike-why").count()).toBe(1);
});

test("pictures get another size by button and by wheel, which the page keeps", async () => {
  await open();
  const height = () =>
    page
      .locator(".rows > .row")
      .first()
      .evaluate((row) => row.clientHeight);
  const before = await height();
  await page.getByRole("button", { name: "Larger pictures" }).click();
  await expect.poll(height).toBeGreaterThan(before);
  await page.locator(".card[data-path]").first().hover();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, 100);
  await page.mouse.wheel(0, 100);
  await page.keyboard.up("Control");
  await expect.poll(height).toBeLessThan(before);
  const rows = await page
    .locator(".rows > .row")
    .evaluateAll((all) => all.slice(0, 2).map((row) => (row as HTMLElement).offsetTop));
  expect(rows[1]! - rows[0]!).toBe(await height());
});

test("pictures grow with the room, and leave some to the words whatever size is chosen", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  const shares = async (width: number, height = 900) => {
    await page.setViewportSize({ width, height });
    const card = page.locator('.card[data-column="combined"]').first();
    const all = () =>
      card.evaluate((each) => ({
        card: each.clientWidth,
        picture: each.querySelector(".picture")!.clientWidth,
        name: each.querySelector(".name")!.clientWidth,
      }));
    // The lists watch their own width.
    await expect.poll(async () => Math.abs((await all()).card - (width - 20) / 4)).toBeLessThan(12);
    return all();
  };
  const [half, usual, wide] = [await shares(1100), await shares(1700), await shares(2560, 1300)];
  expect(usual.picture).toBeGreaterThan(half.picture + 20);
  expect(wide.picture).toBeGreaterThan(usual.picture + 40);
  expect(wide.picture / wide.card).toBeGreaterThan(1 / 3);
  for (let i = 0; i < 5; i++) await page.getByRole("button", { name: "Larger pictures" }).click({ force: true });
  for (const width of [1100, 1700, 2560]) expect((await shares(width)).name).toBeGreaterThan(50);
});

test("at 200 % and 150 % zoom of 1,440 x 900 the head is small, and results are in sight, explained too", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  for (const [width, height] of [
    [720, 450],
    [960, 600],
  ] as const) {
    await page.setViewportSize({ width, height });
    const first = page.locator('.card[data-column="combined"]').first();
    await page.locator(".fold").waitFor();
    const { y } = (await first.boundingBox())!;
    expect(y, `above the first row at ${width}`).toBeLessThan(0.45 * height);
  }
  await page.setViewportSize({ width: 720, height: 450 });
  await page.keyboard.press("w");
  await page.locator("figure[data-branch] canvas").nth(5).waitFor();
  const [card, strip] = [page.locator('.card[aria-selected="true"]').first(), page.locator("lookalike-why")];
  const shown = async () => {
    const [{ y, height }, { y: end }] = [(await card.boundingBox())!, (await strip.boundingBox())!];
    return Math.min(y + height, end) - Math.max(0, y);
  };
  // Half of its picture at least.
  await expect.poll(shown).toBeGreaterThan(80);
  // Half of that window: the result whole, and a map of each descriptor; what stood above them can be scrolled to.
  await page.setViewportSize({ width: 360, height: 383 });
  await expect.poll(async () => (await shown()) - (await card.boundingBox())!.height).toBeGreaterThan(-1);
  const maps = await page
    .locator("figure[data-branch] .pair")
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().bottom));
  expect(maps).toHaveLength(3);
  for (const bottom of maps) expect(bottom).toBeLessThanOrEqual(383);
  await page.getByRole("slider", { name: "Strength of the maps" }).click();
});

test("a grid: one list over the whole width, walked by keys in both directions, in every theme and width, which the page keeps", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  const toggle = page.getByRole("button", { name: "Grid: one list over the whole width" });
  await toggle.click();
  expect(await toggle.getAttribute("aria-pressed")).toBe("true");
  await page.locator('[role="tab"][aria-selected="true"]').waitFor();
  const firstRow = () =>
    page
      .locator(".rows > .row")
      .first()
      .evaluate((row) => {
        const cards = [...row.querySelectorAll(".card[data-path]")].map((card) => card.getBoundingClientRect());
        const { left, right } = row.getBoundingClientRect();
        return { perRow: cards.length, left: cards[0]!.left - left, right: right - cards.at(-1)!.right };
      });
  const wide = await firstRow();
  expect(wide.perRow).toBeGreaterThan(5);
  for (const edge of [wide.left, wide.right]) expect(Math.abs(edge)).toBeLessThan(2);
  expect(
    new Set(
      await page.locator(".card[data-path]").evaluateAll((all) => all.map((card) => card.getAttribute("data-column"))),
    ),
  ).toEqual(new Set(["combined"]));
  await page.locator(".card[data-path]").first().focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(focused).toBe("combined 2");
  await page.keyboard.press("ArrowDown");
  await expect.poll(focused).toBe(`combined ${2 + wide.perRow}`);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(focused).toBe("combined 1");
  await page.keyboard.press("End");
  await expect.poll(async () => Number((await focused())?.split(" ")[1])).toBeGreaterThan(2 * wide.perRow);
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "Larger pictures" }).click();
  await expect.poll(async () => (await firstRow()).perRow).toBeLessThan(wide.perRow);
  await page.getByRole("button", { name: "Smaller pictures" }).click();
  const kept = () =>
    page.evaluate(() =>
      JSON.stringify(
        (globalThis as unknown as { acquireVsCodeApi(): { getState(): unknown } }).acquireVsCodeApi().getState(),
      ),
    );
  expect(await kept()).toContain('"grid":true');
  const check = async (theme: string, width: number) => {
    const { perRow, right } = await firstRow();
    expect(perRow, `cards of a row, ${theme} at ${width}`).toBe(Math.floor((await listsWidth()) / 120));
    expect(Math.abs(right), `room beside them, ${theme} at ${width}`).toBeLessThan(2);
  };
  const listsWidth = () => page.locator("lookalike-lists").evaluate((lists) => lists.clientWidth);
  expect(await flawsOfLooks(page, "similar-grid", [1440, 540, 480], check)).toEqual({});
  await page.setViewportSize({ width: 1400, height: 900 });
  await toggle.click();
  await expect.poll(() => page.locator(".rows > .row:first-child .card[data-path]").count()).toBe(4);
});

test("the head folds into one row once it is out of sight, and opens again", async () => {
  await open();
  // The first focus scrolls to what gets it.
  await expect.poll(focused).toBe("combined 1");
  const folded = page.locator(".folded .bar");
  expect(await folded.isVisible()).toBe(false);
  await page.locator(".scroller").evaluate((scroller) => scroller.scrollTo(0, 600));
  await folded.waitFor();
  expect(await page.locator(".folded-name").textContent()).toBe("q.png");
  expect((await folded.boundingBox())!.height).toBeLessThanOrEqual(34);
  const unfold = page.getByRole("button", { name: "Query and filters" });
  const scrolled = () => page.locator(".scroller").evaluate(({ scrollTop }) => scrollTop);
  await unfold.focus();
  expect(await scrolled()).toBe(600);
  await unfold.click();
  await folded.waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.closest("h1") !== null)).toBe(true);
});

test("every theme and width: no flaws, four lists from 480 pixels on, the selected result is marked, all maps are in sight", async () => {
  await open();
  await expect.poll(focused).toBe("combined 1");
  await page.keyboard.press("w");
  await page.locator("figure[data-branch] canvas").nth(5).waitFor();
  const check = async (theme: string, width: number) => {
    const about = await page.evaluate(() => {
      const selected = document.querySelector('.card[aria-selected="true"]:not(:focus)');
      const { backgroundColor, outlineStyle } = getComputedStyle(selected ?? document.body);
      return {
        tabs: document.querySelectorAll('[role="tab"]').length,
        lists: document.querySelectorAll(".rows > .row:first-child .card[data-path]").length,
        top: document.querySelector(".rows")!.getBoundingClientRect().top,
        marked: outlineStyle === "solid" || !/, 0\)|transparent/.test(backgroundColor),
        maps: [...document.querySelectorAll("figure[data-branch]")].every((each) => {
          const { left, right } = each.getBoundingClientRect();
          return left >= 0 && right <= innerWidth;
        }),
      };
    });
    expect(about.lists, `lists, ${width}`).toBe(width < 480 ? 1 : 4);
    expect(about.tabs, `tabs, ${width}`).toBe(width < 480 ? 4 : 0);
    expect(about.maps, `maps, ${width}`).toBe(true);
    if (width >= 480) expect(about.marked, `marked, ${theme} at ${width}`).toBe(true);
    expect(about.top, `above the first row, ${width}`).toBeLessThan(260);
  };
  expect(await flawsOfLooks(page, "similar", [2560, 552, 480, 392], check)).toEqual({});
});
