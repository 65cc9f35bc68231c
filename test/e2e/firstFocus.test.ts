/** Where the focus is when a page has opened, also where it cannot show what it was opened for. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { PAGES } from "./states/index.ts";
import { asked, notify } from "./support/pageHarness.ts";
import { DATA, trainingShown } from "./support/trainingState.ts";

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
  ["training", "restricted", "Manage workspace trust"],
  ["training", "too few", "Other folder..."],
  ["training", "choosing", "Start"],
] as const)("%s, %s: the focus is on %s", async ([name, state, expected]) => {
  await open(name, state);
  await expect.poll(focused).toBe(expected);
});

test("while images are counted nothing else takes the focus that Start will get", async () => {
  await open("training", "counting at first");
  await page.waitForTimeout(100);
  expect(await focused()).toBe("nothing");
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
