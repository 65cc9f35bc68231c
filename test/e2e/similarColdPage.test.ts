/** The similar page while a folder is indexed for the first time: from the first look to the lists of the adapted model. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { IndexProgress, SimilarState } from "../../src/shared/index.ts";
import { notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";
import { flawsOfLooks } from "./support/themes.ts";

const PANEL = { canGoBack: false, canGoForward: false, pinned: false, severalFolders: false };
const FIRST =
  "A first look at 48 of 3,231 images, with the model not adapted to them yet. The folder is being indexed.";
const ADAPTING: IndexProgress = {
  ...{ phase: "adapting", done: 300, total: 800, skipped: 0, imagesPerSecond: 40, secondsLeft: 12 },
};

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => page?.close());

const final = similarState(60);
/** Neighbours changed places: every card shows another image then, and all of them have been on screen. */
const first: SimilarState = {
  ...final,
  folder: { name: "images", indexed: 0 },
  progress: ADAPTING,
  notice: { kind: "info", text: FIRST, actions: [] },
  result: {
    ...final.result!,
    results: Object.fromEntries(
      Object.entries(final.result!.results).map(([column, list]) => [
        column,
        list.map((_, i) => ({ ...list[i ^ 1]!, rank: i + 1 })),
      ]),
    ),
  },
};

async function open(): Promise<void> {
  page = await openPage(browser, "similar", { ready: { state: first, panel: PANEL, saved: {}, labels: NO_LABELS } });
  await page.getByText(FIRST).waitFor();
  await expect.poll(blank).toBe(0);
}

/** Cards in sight without a picture that is decoded. */
const blank = () =>
  page.locator(".card[data-path]").evaluateAll(
    (cards) =>
      cards.filter((card) => {
        const { top, bottom } = card.getBoundingClientRect();
        const image = card.querySelector("img");
        return bottom > 0 && top < innerHeight && !(image?.complete === true && image.naturalWidth > 0);
      }).length,
  );

test("cards that move take their pictures along: none is blank in any frame", async () => {
  await open();
  const seen = await page.evaluate(
    async (data) => {
      const frames: { blank: string[]; first: string | undefined }[] = [];
      for (let frame = 0; frame < 40; frame++) {
        await new Promise(requestAnimationFrame);
        if (frame === 2) globalThis.dispatchEvent(new MessageEvent("message", { data }));
        const cards = [...document.querySelectorAll<HTMLElement>(".card[data-path]")];
        const inSight = cards.filter((card) => card.getBoundingClientRect().top < innerHeight);
        frames.push({
          blank: inSight.filter((card) => card.querySelector("img") === null).map((card) => card.dataset["path"]!),
          first: document.querySelector<HTMLElement>('.card[data-column="combined"]')?.dataset["path"],
        });
      }
      return frames;
    },
    { jsonrpc: "2.0", method: "state", params: { state: final, panel: PANEL, saved: {}, answer: 1 } },
  );
  const [before, after] = [first, final].map(({ result }) => result!.results["combined"]![0]!.path);
  expect(seen[0]!.first).toBe(before);
  expect(seen.at(-1)!.first).toBe(after);
  expect(seen.flatMap(({ blank }) => blank)).toEqual([]);
});

test("where one has scrolled to, and the card that has the focus, stay", async () => {
  await open();
  const card = page.locator('.card[data-column="combined"][data-rank="6"]');
  await card.focus();
  await page.locator(".scroller").evaluate((scroller) => scroller.scrollTo(0, 300));
  const scrolled = () => page.locator(".scroller").evaluate(({ scrollTop }) => scrollTop);
  const top = () =>
    page.locator('.card[data-column="combined"][data-rank="6"]').evaluate((it) => it.getBoundingClientRect().top);
  const [before, at] = [await scrolled(), await top()];
  await notify(page, "state", { state: final, panel: PANEL, saved: {}, answer: 1 });
  await page.getByText(FIRST).waitFor({ state: "detached" });
  const rank = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset["rank"]);
  await expect.poll(rank).toBe("6");
  await expect.poll(async () => Math.abs((await top()) - at)).toBeLessThan(2);
  expect(before).toBe(300);
});

test("the first look in every theme and width", async () => {
  await open();
  expect(await flawsOfLooks(page, "similar-first", [1440, 540, 480, 392])).toEqual({});
});
