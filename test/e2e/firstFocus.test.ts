/** Where the focus is when a page has opened, also where it cannot show what it was opened for; and what is read out of it by itself. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { PAGES } from "./states/index.ts";
import { NO_LABELS_PROBLEM } from "./states/reviewStates.ts";
import { asked, notify } from "./support/pageHarness.ts";
import { DATA, RUN, trainingShown } from "./support/trainingState.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(() => page?.close());
afterAll(() => browser?.close());

const open = async (name: string, state: string) => {
  page = await PAGES[name]![state]!(browser);
};
/** What has the focus, by what is read out of it. */
const focused = () =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at === document.body ? "nothing" : (at!.getAttribute("aria-label") ?? at!.textContent!.trim());
  });

test.for([
  ["similar", "failed", "Try again"],
  ["projections", "empty", "Try again"],
  ["projections", "failed", "Try again"],
  ["projections", "untrusted", "Manage workspace trust"],
  ["review", "stopped", "Try again"],
  ["review", "no labels", "A labels file..."],
  ["review", "no suspicious labels", "Labels from"],
  ["training", "restricted", "Manage workspace trust"],
  ["training", "too few", "Other folder..."],
  ["training", "choosing", "Start"],
] as const)("%s, %s: the focus is on %s", async ([name, state, expected]) => {
  await open(name, state);
  await expect.poll(focused).toBe(expected);
});

test("while images are counted nothing else takes the focus that Start will get", async () => {
  for (const counting of [false, true]) {
    await open("training", "counting at first");
    // A page may be there before the first count has begun.
    await notify(page, "state", trainingShown({ counting, data: null }));
    await page.waitForTimeout(100);
    expect(await focused()).toBe("nothing");
    if (!counting) await page.close();
  }
  await notify(page, "state", trainingShown());
  await expect.poll(focused).toBe("Start");
});

test("a button that is gone once it was pressed leaves the focus to what comes instead", async () => {
  await open("training", "too few");
  await expect.poll(focused).toBe("Other folder...");
  await notify(page, "state", trainingShown({ notice: { kind: "error", text: "No space left.", actions: ["retry"] } }));
  await page.locator(".notice button").focus();
  await page.keyboard.press("Enter");
  expect(await asked(page, "action")).toEqual([{ action: "retry" }]);
  await notify(page, "state", trainingShown({ data: { ...DATA, problem: null } }));
  await expect.poll(focused).toBe("Start");
});

test("who left everything by a click on the ground is left alone", async () => {
  await open("training", "choosing");
  await expect.poll(focused).toBe("Start");
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await notify(page, "state", trainingShown());
  await page.waitForTimeout(100);
  expect(await focused()).toBe("nothing");
});

/** What is read out of a page by itself, in order. */
const heard = () =>
  page.evaluate(() =>
    [...document.querySelectorAll("[role=status]")]
      .map((each) => each.textContent!.trim().replace(/\s+/g, " "))
      .filter((text) => text !== ""),
  );

test.for([
  ["similar", "a first look", "Searching"],
  ["similar", "lists", "Results in each list: 20"],
  ["projections", "working", "Indexing images"],
  ["projections", "maps", "The maps are finished"],
  ["review", "reading", "Reading the index"],
  ["review", "no duplicates", "Finished. Groups: 0"],
  ["review", "duplicates", "Finished. Groups: 4"],
  ["review", "labels", "Comparing all images"],
  ["review", "no labels", NO_LABELS_PROBLEM],
  ["evaluation", "working", "Ranking all images"],
  ["evaluation", "report", "The report is finished"],
  ["training", "running", "Training"],
] as const)("%s, %s: %s is read out", async ([name, state, text]) => {
  await open(name, state);
  await expect.poll(heard).toContain(text);
});

test("how far a training is is not read out with each per cent", async () => {
  await open("training", "running");
  const shown = () => page.locator(".stage").textContent();
  expect(await shown()).toBe("Training · 30 %");
  const { state, saved } = trainingShown({ stage: "running", run: { ...RUN, result: null } });
  const work = { phase: "training", done: 4, total: 10, imagesPerSecond: 12, secondsLeft: 30 } as const;
  const before = await heard();
  await notify(page, "state", { state: { ...state, run: { ...state.run!, work } }, saved });
  await expect.poll(shown).toBe("Training · 40 %");
  expect(await heard()).toEqual(before);
});
