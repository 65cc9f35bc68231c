import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { ReviewState, SimilarState } from "../../src/shared/index.ts";
import { DUPLICATES, LABELS, NO_LABELS, NO_LABELS_PROBLEM } from "./states/reviewStates.ts";
import { costOfScrolling } from "./support/frameCost.ts";
import { asked, notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS as NO_SIMILAR_LABELS, similarState } from "./support/similarState.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const similarPage = (state: SimilarState, before?: () => void) =>
  openPage(
    browser,
    "similar",
    {
      ready: {
        state,
        panel: { canGoBack: false, canGoForward: false, pinned: false },
        saved: {},
        labels: NO_SIMILAR_LABELS,
      },
    },
    before,
  );

/** Keeps how many rows of the lists each frame has painted; run in the page. */
function countRows(): void {
  const page = globalThis as unknown as { painted: number[] };
  page.painted = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => page.painted.push(document.querySelectorAll(".rows > .row").length);
  const onFrame = () => {
    // Comes after the frame, and before what the page itself does then.
    port2.postMessage(null);
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
}

test("a new page paints the rows in sight first, and the others behind them", async () => {
  const page = await similarPage(similarState(60), countRows);
  await page.locator('.lists[aria-busy="false"]').waitFor();
  const { painted, top, height } = await page.evaluate(() => ({
    painted: (globalThis as unknown as { painted: number[] }).painted,
    top: document.querySelector(".rows")!.getBoundingClientRect().top,
    height: document.querySelector(".rows > .row")!.getBoundingClientRect().height,
  }));
  const first = painted.find((rows) => rows > 0)!;
  expect(first).toBeGreaterThanOrEqual(Math.ceil((900 - top) / height));
  // What stands above the lists may grow while it is filled.
  expect(first).toBeLessThanOrEqual(Math.ceil(900 / height));
  await expect.poll(() => page.locator(".rows > .row").count()).toBeGreaterThanOrEqual(40);
  await page.close();
});

test("a page is never blank: a word stands there until it has drawn something", async () => {
  const silent = () => {
    const host = globalThis as unknown as { acquireVsCodeApi(): { postMessage(message: unknown): void } };
    const api = host.acquireVsCodeApi();
    host.acquireVsCodeApi = () => ({ ...api, postMessage() {} });
  };
  for (const name of ["similar", "projections", "training", "review", "evaluation", "follow", "picture"]) {
    const waiting = await openPage(browser, name, {}, silent);
    const drawn = waiting.locator(`lookalike-${name} > *`).or(waiting.locator(".opening"));
    expect(await drawn.filter({ visible: true, hasText: /\S/ }).count(), name).toBeGreaterThan(0);
    await waiting.close();
  }
  const drawn = await similarPage(similarState(60));
  await drawn.locator(".card[data-path]").first().waitFor();
  expect(await drawn.locator(".opening").isVisible()).toBe(false);
  await drawn.close();
});

test("2,000 results: few rows are drawn, all can be reached, and scrolling keeps up", async () => {
  const page = await similarPage(similarState(2000));
  await page.locator(".card[data-path]").first().waitFor();
  expect(await page.locator('[role="grid"]').getAttribute("aria-rowcount")).toBe("2001");
  expect(await page.locator(".rows > .row").count()).toBeLessThan(120);
  await page.locator('.lists[aria-busy="false"]').waitFor();
  const { script, style, layout, all, median, worst } = await costOfScrolling(page, ".scroller", 180, 90);
  const [ours, ...others] = [script + style + layout, script, style, layout, all, median, worst].map((ms) =>
    ms.toFixed(1),
  );
  console.log(
    `scrolling 2,000 rows of 4, in a frame: ${ours} ms of script, style and layout (${others.slice(0, 3).join(", ")}), ` +
      `${others[3]} ms of the main thread in all; from frame to frame ${others[4]} ms (median), ${others[5]} ms (worst)`,
  );
  expect(await page.locator(".rows > .row").count()).toBeLessThan(120);
  await page.locator(".card[data-path]").first().focus();
  await page.keyboard.press("End");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-rank"))).toBe("2000");
  // However many digits: a rank stands beside its picture, and not on it.
  const gap = await page.locator(".card:focus").evaluate((card) => {
    const text = document.createRange();
    text.selectNodeContents(card.querySelector(".rank")!);
    return card.querySelector(".picture")!.getBoundingClientRect().left - text.getBoundingClientRect().right;
  });
  expect(gap).toBeGreaterThan(0);
  await page.keyboard.press("Home");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-rank"))).toBe("1");
  await page.close();
});

test("a weight is seen while it is dragged, before any answer, and asked for once it rests", async () => {
  const page = await similarPage(similarState(60));
  const first = () => page.locator('.card[data-column="combined"]').first().getAttribute("data-path");
  await page.locator(".card[data-path]").first().waitFor();
  for (const branch of ["spoc", "gem"]) await page.locator(`.weights input[data-branch="${branch}"]`).fill("0");
  await expect.poll(first).toBe(await page.locator('.card[data-column="mac"]').first().getAttribute("data-path"));
  // On a loaded machine it may rest between the two.
  await expect
    .poll(async () => (await asked(page, "query")).at(-1))
    .toEqual({
      examples: [{ path: "folder 1/q.png", sign: 1, box: null }],
      weights: { spoc: 0, mac: 1, gem: 0 },
      filter: {},
      labels: null,
      across: false,
    });
  // The last branch cannot be taken away.
  await page.locator('.weights input[data-branch="mac"]').fill("0");
  expect(await page.locator('.weights input[data-branch="mac"]').inputValue()).toBe("1");
  await page.close();
});

test("duplicates: keeping one of each selects the others and says what would be left of none", async () => {
  const page = await openPage(browser, "review", {
    ready: { state: DUPLICATES, saved: { labels: null } },
    trash: [],
    putAway: ["b/1 copy.png"],
    saveList: null,
  });
  await page.getByRole("button", { name: "Keep one of each" }).click();
  expect(await page.locator("li.chosen").count()).toBe(3);
  expect(await page.locator(".push").textContent()).toContain("3 selected, 4.5 MB");
  expect(await page.locator(".bar").textContent()).toContain("2 groups, 3 copies too many");
  // What is perhaps the same has no button that selects it.
  const perhaps = page.locator("section.group", { hasText: "perhaps the same picture" });
  expect(await perhaps.count()).toBe(2);
  expect(await perhaps.getByRole("button", { name: "Keep the first" }).count()).toBe(0);
  expect(await perhaps.locator("li.chosen").count()).toBe(0);
  await page.getByLabel("Select d/3 q20.jpg").check();
  expect(await page.locator(".push").textContent()).toContain("4 selected, 4.5 MB");
  await page.getByLabel("Select d/3 q20.jpg").uncheck();
  await page.getByLabel("Select a/1.png").first().check();
  expect(await page.locator(".warning").textContent()).toContain("One group");
  await page.setViewportSize({ width: 1400, height: 900 });
  // A link is named, and there is nothing to select.
  await page.locator("details.links summary").click();
  expect(await page.locator("details.links li").textContent()).toBe("a/link.png: a link to a/1.png");
  expect(await page.getByLabel("Select a/link.png").count()).toBe(0);
  await page.getByRole("button", { name: "Move to trash..." }).click();
  const asked = await page.evaluate(
    () => (globalThis as unknown as { asked: { method: string; params: unknown }[] }).asked,
  );
  await page.getByRole("button", { name: "Save list..." }).click();
  await page.getByRole("button", { name: "Put away..." }).click();
  // The first of a group is also the first of what is perhaps the same, so it is there twice.
  await expect.poll(() => page.locator("li.chosen").count()).toBe(4);
  const sent = await page.evaluate(
    () => (globalThis as unknown as { asked: { method: string; params: unknown }[] }).asked,
  );
  for (const how of ["saveList", "putAway"]) {
    expect(sent.find(({ method }) => method === how)?.params).toMatchObject({ paths: { length: 4 } });
  }
  expect(asked.find(({ method }) => method === "trash")?.params).toEqual({
    paths: ["a/1.png", "b/1 copy.png", "b/2.png", "c/with a rather long name of its own 2.png"],
  });
  await page.close();
});

test("a verdict comes at the end, and where there are no labels the page offers a file of them", async () => {
  const state: ReviewState = {
    ...DUPLICATES,
    duplicates: { images: 3, threshold: 0.9, groups: [], perhaps: [], links: [], skipped: [] },
    progress: { text: "Reading the index", done: null },
  };
  const page = await openPage(browser, "review", { ready: { state, saved: { labels: null } } });
  await page.locator(".progress").waitFor();
  expect(await page.locator("main").textContent()).not.toContain("is there twice");
  await notify(page, "state", { state: { ...state, progress: null }, saved: { labels: null } });
  await page.getByText("None of the 3 images is there twice.").waitFor();
  // Of a part nothing is said about the rest of the folder.
  const part = { ...state, folder: "cats", whole: "pets", progress: null };
  await notify(page, "state", { state: part, saved: { labels: null } });
  await page.getByText("No image of cats is in pets a second time.").waitFor();

  const labels = { ...LABELS.labels!, suspicious: LABELS.labels!.suspicious.slice(0, 1) };
  await notify(page, "state", { state: { ...LABELS, labels }, saved: { labels: null } });
  await page.getByText("One of 40 images has neighbours that mostly carry another label.").waitFor();
  const inPart = { ...LABELS, folder: "cats", whole: "pets" };
  await notify(page, "state", { state: inPart, saved: { labels: null } });
  await page.getByText("Images of cats whose neighbours in pets mostly carry another label: 2").waitFor();
  const none = { ...inPart, progress: null, labels: { ...labels, suspicious: [] } };
  await notify(page, "state", { state: none, saved: { labels: null } });
  await page
    .getByText("No label in cats is contradicted by its neighbours; looked for among the 40 images of pets.")
    .waitFor();

  await notify(page, "state", { state: NO_LABELS, saved: { labels: null } });
  await page.getByText(NO_LABELS_PROBLEM).waitFor();
  expect(await page.locator(".notice, [role=alert]").count()).toBe(0);
  await page.getByRole("button", { name: "A labels file..." }).click();
  expect(await asked(page, "chooseTable")).toEqual([{}]);
  await page.close();
});
