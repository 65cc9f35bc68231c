/** The rows of the similar page while its window changes its size. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** How far each row lies from the next beyond its own height; and the rank of the first row that is in sight. Runs in the page. */
function rows(): { readonly apart: readonly number[]; readonly first: number } {
  const drawn = [...document.querySelectorAll<HTMLElement>(".rows > .row")].sort((a, b) => a.offsetTop - b.offsetTop);
  // Behind tabs the heads are there for assistive technology alone.
  const heads = Math.max(0, document.querySelector(".row.heads")!.getBoundingClientRect().bottom);
  const first = drawn.find((row) => row.getBoundingClientRect().bottom > heads + 1)!;
  return {
    apart: drawn.slice(1).map((row, i) => row.offsetTop - drawn[i]!.offsetTop - drawn[i]!.offsetHeight),
    first: Number(first.getAttribute("aria-rowindex")) - 1,
  };
}

/** Sizes one after the other whose rows differ in height by the style sheet. */
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1440, height: 600 },
  { width: 360, height: 450 },
  { width: 2560, height: 1400 },
  { width: 392, height: 800 },
  { width: 1100, height: 800 },
];

async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

test("no row lies on another after the window changed its size, and the first one in sight stays there", async () => {
  const page = await openPage(browser, "similar", {
    ready: {
      state: similarState(400),
      panel: { canGoBack: false, canGoForward: false, pinned: false },
      saved: {},
      labels: NO_LABELS,
    },
  });
  await page.locator(".card[data-path] img").first().waitFor();
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await settled(page);
    expect(new Set((await page.evaluate(rows)).apart), JSON.stringify(size)).toEqual(new Set([0]));
  }
  await page.setViewportSize(SIZES[0]!);
  await settled(page);
  await page.locator(".scroller").evaluate((scroller) => scroller.scrollTo(0, 20_000));
  await settled(page);
  const before = await page.evaluate(rows);
  expect(before.first).toBeGreaterThan(100);
  for (const size of SIZES.slice(1)) {
    await page.setViewportSize(size);
    await settled(page);
    const now = await page.evaluate(rows);
    expect(new Set(now.apart), JSON.stringify(size)).toEqual(new Set([0]));
    expect(Math.abs(now.first - before.first), JSON.stringify(size)).toBeLessThanOrEqual(2);
  }
  await page.close();
});
