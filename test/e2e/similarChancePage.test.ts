/** The similar page on a folder in which random pairs have high scores. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { notify, openPage } from "./support/pageHarness.ts";
import { BRANCHES, NO_LABELS, similarState } from "./support/similarState.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** @param limits highest score of random pairs; of combined, and of each branch */
async function opened(limits: { combined: number; branch: number } | null): Promise<Page> {
  const state = similarState(60);
  const chance =
    limits === null
      ? null
      : { combined: limits.combined, ...Object.fromEntries(BRANCHES.map((name) => [name, limits.branch])) };
  const page = await openPage(browser, "similar", {
    ready: {
      state: { ...state, result: { ...state.result!, chance } },
      panel: { canGoBack: false, canGoForward: false, pinned: false },
      saved: {},
      labels: NO_LABELS,
    },
  });
  await page.locator(".card[data-path] img").first().waitFor();
  return page;
}

/** Cards of a list by their class. */
const scores = async (page: Page, selector: string) =>
  (await page.locator(`.card[data-column=combined]${selector} .score`).allTextContents()).map(Number.parseFloat);

test("a line stands in each list where its scores become those of random pairs", async () => {
  const page = await opened({ combined: 0.92, branch: 0.97 });
  for (const column of [...BRANCHES, "combined"]) {
    expect(await page.locator(`.card[data-column=${column}] .chance-line`).count()).toBe(1);
  }
  expect(await page.locator(".card.chance-first[data-column=combined]").getAttribute("title")).toContain("up to 0.92");
  expect(Math.min(...(await scores(page, ".chance-above")))).toBeGreaterThanOrEqual(0.92);
  expect(Math.max(...(await scores(page, ".chance-below")))).toBeLessThanOrEqual(0.92);
  expect(await page.locator(".nothing-close").count()).toBe(0);
  await page.getByRole("checkbox", { name: "above chance" }).check();
  await expect
    .poll(() =>
      page.evaluate(() =>
        (globalThis as unknown as { asked: { method: string; params: { filter?: unknown } }[] }).asked
          .filter(({ method }) => method === "query")
          .map(({ params }) => params.filter),
      ),
    )
    .toEqual([{ minScore: "auto" }]);
  await page.close();
});

test("where even the best is no better than chance, the page says so", async () => {
  const page = await opened({ combined: 1, branch: 0.5 });
  // In half a window too, where the filters are folded away.
  await page.setViewportSize({ width: 552, height: 900 });
  await page.locator(".fold:not([open])").waitFor();
  expect(await page.locator(".nothing-close").isVisible()).toBe(true);
  expect(await page.locator(".nothing-close").textContent()).toContain("random pairs of this folder score up to 1.00");
  // By which model stands in the head.
  expect((await page.locator(".gallery").textContent())!.trim()).toBe("61 images · m · CPU");
  await page.close();
});

test("nothing is said where nothing is known", async () => {
  const page = await opened(null);
  expect(await page.locator(".chance-line, .nothing-close").count()).toBe(0);
  expect(await page.getByRole("checkbox", { name: "above chance" }).count()).toBe(0);
  await page.close();
});

test("results that were put to their kind say their rank by score, and the switch asks for it", async () => {
  const page = await opened(null);
  await page.getByRole("checkbox", { name: "keep kinds together" }).check();
  await expect
    .poll(() =>
      page.evaluate(() =>
        (globalThis as unknown as { asked: { method: string; params: { filter?: unknown } }[] }).asked
          .filter(({ method }) => method === "query")
          .map(({ params }) => params.filter),
      ),
    )
    .toEqual([{ kinds: true }]);
  const state = similarState(60);
  const { combined = [], ...results } = state.result!.results;
  const moved = combined.map((image, i) => (i === 6 ? { ...image, from: 23 } : image));
  const result = { ...state.result!, kinds: true, results: { ...results, combined: moved } };
  const panel = { canGoBack: false, canGoForward: false, pinned: false };
  await notify(page, "state", { state: { ...state, filter: { kinds: true }, result }, panel, saved: {}, answer: 1 });
  const from = page.locator(".card[data-column=combined] .from");
  await from.waitFor();
  expect(await from.count()).toBe(1);
  expect(await from.getAttribute("title")).toBe("by score its rank is 23");
  await page.close();
});
