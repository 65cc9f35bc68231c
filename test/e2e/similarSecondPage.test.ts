/** The similar page of models with more than three branches: where a second network and branches without one have joined, and of eight. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { openPage } from "./support/pageHarness.ts";
import { BRANCHES, NO_LABELS, similarState } from "./support/similarState.ts";
import { flawsOfLooks } from "./support/themes.ts";

const FIVE = [...BRANCHES, "gem_2", "gem_3"];
const SEVEN = [...FIVE, "lab", "hog"];
const EIGHT = [...FIVE, "wgem", "crow", "spoc_2"];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test.each([
  ["six", FIVE, [1920, 1280, 960, 540, 480]],
  ["eight", SEVEN, [1920, 1280, 960, 540, 480]],
  ["nine", EIGHT, [1920, 1000]],
] as const)("%s lists in every theme and width: nothing is cut", async (name, branches, widths) => {
  const state = similarState(60, branches);
  const weights = Object.fromEntries(branches.map((branch, i) => [branch, i < 3 ? 1 : 1.5]));
  const suggested = { weights, from: "gate" as const, images: 800 };
  const page = await openPage(browser, "similar", {
    ready: {
      state: { ...state, result: { ...state.result!, weights, suggested } },
      panel: { canGoBack: false, canGoForward: false, pinned: false },
      saved: {},
      labels: NO_LABELS,
    },
  });
  await page.locator(".card[data-path] img").first().waitFor();
  /** What is wider or higher than the head or card that it stands in; a name may end in dots. */
  const cut = () =>
    page.evaluate(() => {
      const beyond = (outer: Element) =>
        [...outer.querySelectorAll(".letter, .overlap, .score, .rank, .place")].filter((inner) => {
          const [own, around] = [inner.getBoundingClientRect(), outer.getBoundingClientRect()];
          return own.width > 1 && (own.right > around.right + 1 || own.left < around.left - 1);
        });
      // Behind tabs the heads are there for assistive technology alone.
      const seen = document.querySelector("lookalike-lists > .tabs") === null ? ".head, .card" : ".tabs button, .card";
      return [...document.querySelectorAll(seen)].flatMap((outer) =>
        beyond(outer).map(({ className, textContent }) => `${className}: ${textContent}`),
      );
    });
  const flaws = await flawsOfLooks(page, name, widths, async (theme, width) => {
    expect(await cut(), `${theme} at ${width}`).toEqual([]);
  });
  expect(flaws).toEqual({});
  // What a branch without a network looks at is told where its list is.
  if (branches.some((branch) => branch === "lab")) {
    await page.setViewportSize({ width: 1920, height: 900 });
    const head = page.locator('.head[data-column="lab"]');
    await head.waitFor();
    expect(await head.getAttribute("title")).toContain("histogram in CIE Lab");
  }
  await page.close();
});
