/** The similar page and the weights that an index holds. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { SuggestedWeights } from "../../src/shared/index.ts";
import { asked, notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";
import { CHOSEN_WEIGHTS as CHOSEN } from "./support/similarVariants.ts";

const PANEL = { canGoBack: false, canGoForward: false, pinned: false };
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const stateWith = (suggested: SuggestedWeights | null) => {
  const state = similarState(60);
  const weights = suggested?.weights ?? { spoc: 1, mac: 1, gem: 1 };
  return { ...state, result: { ...state.result!, weights, suggested } };
};

async function opened(
  suggested: SuggestedWeights | null,
  answers: Readonly<Record<string, unknown>> = {},
): Promise<Page> {
  const page = await openPage(browser, "similar", {
    ready: { state: stateWith(suggested), panel: PANEL, saved: {}, labels: NO_LABELS },
    ...answers,
  });
  await page.locator(".card[data-path] img").first().waitFor();
  return page;
}

const weightsAsked = async (page: Page) =>
  (await asked(page, "query")).map((params) => (params as { weights: unknown }).weights);
const sliders = (page: Page) =>
  page.locator(".weights input").evaluateAll((all) => all.map((each) => Number((each as HTMLInputElement).value)));

test("the sliders show what is suggested and why; the equal mix and the way back are one click", async () => {
  const page = await opened(CHOSEN);
  expect(await sliders(page)).toEqual([0.25, 1, 0.5]);
  const why = page.locator(".weights .why-weights");
  expect(await why.textContent()).toBe("Suggested by the names of folders");
  expect(await why.getAttribute("title")).toContain("MAP@R +3.1 ± 0.8 points on 5 classes, chosen on 6 others");
  // The bar splits by these weights: 1/7, 4/7 and 2/7 of each cosine.
  // In half a window the sliders are folded away, and what is in force is told all the same.
  await page.setViewportSize({ width: 540, height: 900 });
  await expect
    .poll(() => page.locator(".fold summary", { hasText: "Weights" }).textContent())
    .toBe("Weights and filters Suggested by the names of folders");
  await page.setViewportSize({ width: 1400, height: 900 });
  await why.waitFor();
  expect(await page.locator(".weights .offer").count()).toBe(0);
  await page.getByRole("button", { name: "Equal", exact: true }).click();
  expect(await sliders(page)).toEqual([1, 1, 1]);
  await expect.poll(() => weightsAsked(page)).toEqual([{ spoc: 1, mac: 1, gem: 1 }]);
  expect(await why.count()).toBe(0);
  await page.getByRole("button", { name: "Suggested", exact: true }).click();
  expect(await sliders(page)).toEqual([0.25, 1, 0.5]);
  await expect.poll(() => weightsAsked(page)).toEqual([{ spoc: 1, mac: 1, gem: 1 }, {}]);
  await page.close();
});

test("where nothing was gained the equal mix is in force and its reason is told", async () => {
  const page = await opened({ weights: { spoc: 1, mac: 1, gem: 1 }, from: "equal", reason: "few", images: 9 });
  expect(await page.locator(".why-weights").getAttribute("title")).toContain("fewer than 8 classes of 4 images");
  expect(await page.locator(".weights .link:not(.by-marks)").count()).toBe(0);
  await page.locator('.weights input[data-branch="mac"]').fill("0");
  await page.locator(".weights .link.equal").click();
  expect(await sliders(page)).toEqual([1, 1, 1]);
  await page.close();
});

test("an index of before is offered suggestions until it holds some", async () => {
  const page = await opened(null);
  // A run chooses some at its end: none are offered meanwhile.
  const progress = { phase: "embedding", done: 1200, total: 3231, skipped: 0, imagesPerSecond: 40, secondsLeft: 50 };
  await notify(page, "state", { state: { ...stateWith(null), progress }, panel: PANEL, saved: {}, answer: 1 });
  await page.getByText("1,200 of 3,231").waitFor();
  expect(await page.locator(".weights .offer").count()).toBe(0);
  await notify(page, "state", { state: stateWith(null), panel: PANEL, saved: {}, answer: 1 });
  await page.locator(".weights .offer").waitFor();
  expect(await sliders(page)).toEqual([1, 1, 1]);
  await page.getByRole("button", { name: "Suggest", exact: true }).click();
  await expect.poll(() => asked(page, "suggest")).toEqual([{ choice: "auto" }]);
  await notify(page, "state", { state: stateWith(CHOSEN), panel: PANEL, saved: {}, answer: 2 });
  await expect.poll(() => sliders(page)).toEqual([0.25, 1, 0.5]);
  expect(await page.locator(".weights .offer").count()).toBe(0);
  await page.close();
});

test("a session of marks is answered with keys, can go back, and says what came of it", async () => {
  const pairs = [3, 4, 5].map((i) => ({ query: "folder 1/q.png", image: `folder ${i % 7}/image ${i}.png` }));
  const page = await opened(CHOSEN, { pairs, mark: { ...CHOSEN, from: "marks" } });
  await page.getByRole("button", { name: "By marks..." }).click();
  const dialog = page.getByRole("dialog", { name: "Marks" });
  await expect.poll(() => dialog.locator("[role=status]").textContent()).toBe("1 of 3");
  await page.keyboard.press("y");
  await page.keyboard.press("n");
  await page.keyboard.press("Backspace");
  await expect.poll(() => dialog.locator("[role=status]").textContent()).toBe("2 of 3");
  await page.keyboard.press("s");
  await dialog.getByRole("button", { name: "Does not (N)" }).click();
  await expect.poll(() => dialog.locator(".mark-result").textContent()).toContain("each left out of the choice");
  const [{ marks }] = (await asked(page, "mark")) as [{ marks: unknown }];
  expect(marks).toEqual([
    { ...pairs[0], belongs: true },
    { ...pairs[2], belongs: false },
  ]);
  await page.keyboard.press("Escape");
  expect(await page.locator("lookalike-marks").count()).toBe(0);
  await page.close();
});

test("beside the switch that keeps kinds together stands what it does here", async () => {
  const page = await opened(CHOSEN, { kindsGain: { before: 0.41, mean: 0.052, error: 0.012, queries: 24 } });
  expect(await page.locator(".kinds-gain").count()).toBe(0);
  await page.getByRole("checkbox", { name: "keep kinds together" }).check();
  await expect.poll(() => page.locator(".kinds-gain").textContent()).toBe("here MAP@R +5.2 ± 1.2");
  expect(await page.locator(".kinds-gain").getAttribute("title")).toContain("Over 24 images with a label");
  await page.close();
});
