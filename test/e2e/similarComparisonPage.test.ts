/** The similar page with several models, on a device that was not asked for, and the way back out of it. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { overlapOf, type SimilarState } from "../../src/shared/index.ts";
import { asked, notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => page?.close());

const shown = similarState(40);
const lists = shown.result!.results;

async function open(change: Partial<SimilarState>): Promise<void> {
  const byPath = [...lists["mac"]!, { path: shown.query.path }].map(({ path }) => [path, path.split("/")[0]!] as const);
  page = await openPage(browser, "similar", {
    ready: {
      state: { ...shown, ...change },
      panel: { canGoBack: false, canGoForward: false, pinned: false, severalFolders: false },
      saved: {},
      labels: { ...NO_LABELS, byPath },
    },
  });
  await page.locator(".card[data-path] img").first().waitFor();
}

test("compared models: what their lists share, how many have the query's label, the way to an evaluation", async () => {
  const [one, two] = [lists["mac"]!.slice(0, 20), lists["gem"]!.slice(0, 20)];
  const comparison = [
    { name: "m+adapted", ranked: one },
    { name: "m", ranked: two },
  ];
  await open({ result: null, comparison });
  const paths = (list: typeof one) => list.map(({ path }) => path);
  const { jaccard, rbo } = overlapOf(paths(one), paths(two));
  const figures = `${Math.round(100 * jaccard)} % shared with B · by rank ${rbo.toFixed(2).replace(/^0/, "")}`;
  expect(await page.locator(".head .overlap").first().textContent()).toBe(figures);
  const own = (list: typeof one) => list.filter(({ path }) => path.startsWith("folder 1/")).length;
  expect(await page.locator(".verdict").textContent()).toBe(
    `With this query's label: A ${own(one)}/20 · B ${own(two)}/20`,
  );
  // Each by the one name that it has everywhere, and both in sight in a narrow column.
  await page.setViewportSize({ width: 392, height: 900 });
  await expect.poll(() => page.locator(".rows > .row").first().locator(".card[data-path]").count()).toBe(2);
  const heads = await page
    .locator(".head")
    .evaluateAll((all) => all.map((head) => ({ text: head.textContent!, right: head.getBoundingClientRect().right })));
  expect(heads.map(({ text }) => /m\+adapted|m/.exec(text)?.[0])).toEqual(["m+adapted", "m"]);
  for (const { right } of heads) expect(right).toBeLessThanOrEqual(392);
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.getByRole("button", { name: "Evaluate retrieval" }).click();
  expect(await asked(page, "action")).toEqual([{ action: "evaluate" }]);
});

test("a device that was asked for and is not used is marked, with the reason", async () => {
  await open({ unmet: { asked: "cuda", reason: "no driver" } });
  const mark = page.locator(".gallery .unmet");
  expect(await mark.getAttribute("title")).toBe("CUDA was asked for, but cannot be used: no driver");
  await page.close();
  await open({});
  expect(await page.locator(".unmet").count()).toBe(0);
});

test("Escape closes what is open first, and then leads back to where one came from", async () => {
  await open({});
  await page.locator(".menu summary").click();
  await page.keyboard.press("Escape");
  await page.locator(".menu:not([open])").waitFor();
  await page.locator(".card").first().click();
  await page.locator("lookalike-why").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("lookalike-why").waitFor({ state: "detached" });
  await page.locator("input[type=text], input[type=search], select").first().focus();
  await page.keyboard.press("Escape");
  expect(await asked(page, "leave")).toEqual([]);
  await page.locator(".card").first().focus();
  await page.keyboard.press("Escape");
  await expect.poll(async () => (await asked(page, "leave")).length).toBe(1);
});

test("of many folders the one to search in is typed, also one that is not shown; an answer that comes meanwhile leaves it alone", async () => {
  const paths = Array.from({ length: 30 }, (_, i) => ({ rank: i + 1, path: `kind ${i}/a.png`, score: 0.9 - i / 100 }));
  const result = shown.result!;
  const results = Object.fromEntries(Object.keys(result.results).map((column) => [column, paths]));
  await open({ result: { ...result, results } });
  const field = page.getByLabel("Only images in this folder");
  await field.fill("kind 1");
  await field.press("Tab");
  await expect.poll(async () => (await asked(page, "query")).at(-1)).toMatchObject({ filter: { folder: "kind 1" } });
  await field.fill("kind 99");
  await notify(page, "state", {
    state: { ...shown, result: { ...result, results } },
    panel: { canGoBack: false, canGoForward: false, pinned: false },
    saved: {},
    answer: 2,
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await field.inputValue()).toBe("kind 99");
  await field.press("Enter");
  await expect.poll(async () => (await asked(page, "query")).at(-1)).toMatchObject({ filter: { folder: "kind 99" } });
  expect(await page.locator(".scores rect").count()).toBe(25);
});
