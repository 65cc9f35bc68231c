/** The field of words on the similar page, without VS Code. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { SimilarState } from "../../src/shared/index.ts";
import { notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";
import { answeredByWords } from "./support/similarVariants.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const panel = { canGoBack: false, canGoForward: false, pinned: false };

async function opened(state: SimilarState): Promise<Page> {
  const ready = { state, panel, saved: {}, labels: NO_LABELS };
  const page = await openPage(browser, "similar", { ready });
  await page.locator(".card[data-path] img").first().waitFor();
  return page;
}

const asked = (page: Page) =>
  page.evaluate(() =>
    (globalThis as unknown as { asked: { method: string; params: { texts?: unknown } }[] }).asked
      .filter(({ method }) => method === "query")
      .map(({ params }) => params.texts ?? []),
  );

test("words are asked beside the picture, turned, weighed and taken away by keys alone", async () => {
  const page = await opened({ ...similarState(30), takesWords: true });
  const field = page.getByRole("searchbox", { name: "Search by words" });
  await field.fill("red car");
  await field.press("Enter");
  await expect.poll(() => asked(page)).toEqual([[{ text: "red car", sign: 1 }]]);
  expect(await field.inputValue()).toBe("");
  const chip = page.locator(".words .chip");
  await chip.getByRole("button", { name: "red car: towards these words; turn" }).press("Enter");
  await expect.poll(async () => (await asked(page)).at(-1)).toEqual([{ text: "red car", sign: -1 }]);
  await chip.getByRole("combobox", { name: "How much red car counts" }).selectOption("0.5");
  await expect.poll(async () => (await asked(page)).at(-1)).toEqual([{ text: "red car", sign: -1, weight: 0.5 }]);
  // What every branch counts is of no use to words.
  expect(await page.locator(".weights").count()).toBe(0);
  await chip.getByRole("button", { name: "Remove red car" }).press("Enter");
  await expect.poll(async () => (await asked(page)).at(-1)).toEqual([]);
  await page.close();
});

test("words alone: their branch ranks, the others say what they show, and there is no picture", async () => {
  const page = await opened(answeredByWords([{ text: "red zebra", sign: 1 }]));
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("red zebra");
  expect(await page.locator("lookalike-query-picture").count()).toBe(0);
  const notes = await page.locator(".words-notes").textContent();
  expect(notes).toContain("Words rank in GeM only, and Combined is its list. SPoC, MAC show the neighbours");
  expect(notes).toContain("The model was not trained on: zebra");
  const order = (column: string) =>
    page
      .locator(`.card[data-column=${column}][data-path]`)
      .evaluateAll((cards) => cards.map((card) => card.getAttribute("data-path")));
  expect((await order("combined")).slice(0, 5)).toEqual((await order("gem")).slice(0, 5));
  expect(await page.locator(".nothing-close").count()).toBe(0);
  // A result cannot be explained by a picture that is not there: it opens.
  await page.locator(".card[data-column=gem][data-path]").first().click();
  await expect
    .poll(() =>
      page.evaluate(() =>
        (globalThis as unknown as { asked: { method: string }[] }).asked.some(({ method }) => method === "open"),
      ),
    )
    .toBe(true);
  expect(await page.locator("lookalike-why").count()).toBe(0);

  const state = answeredByWords([{ text: "submarine", sign: 1 }], {}, 1);
  await notify(page, "state", { state, panel, saved: {}, answer: 1 });
  await expect
    .poll(() => page.locator(".nothing-close").textContent())
    .toContain("Nothing like that here: the best score is 1.00, and random words score up to 1.00");
  await page.close();
});

test("pictures and words of one query each have a sign and what they count, by keys alone", async () => {
  const [first, second] = ["folder 1/q.png", "folder 1/image 1.png"].map((path) => {
    return { path, name: path.slice(path.indexOf("/") + 1), inside: true, sign: 1 as const, box: null };
  });
  const texts = [{ text: "at night", sign: -1 as const, weight: 2 }];
  const state = { ...similarState(30), takesWords: true, texts };
  const page = await opened({ ...state, examples: [first!] });
  const counts = (name: string) => page.getByRole("combobox", { name: `How much ${name} counts` });
  const parts = () =>
    page.evaluate(() =>
      (
        globalThis as unknown as {
          asked: { method: string; params: { examples: { weight?: number; sign: number }[] } }[];
        }
      ).asked
        .filter(({ method }) => method === "query")
        .map(({ params }) => params.examples.map(({ sign, weight }) => [sign, weight])),
    );
  // One picture beside words is a part of several; so is each of two pictures.
  await counts("q.png").selectOption("0.25");
  await expect.poll(async () => (await parts()).at(-1)).toEqual([[1, 0.25]]);
  // The host knows it by now, in an order of its own.
  const known = { weight: 0.25, ...first! };
  await notify(page, "state", { state: { ...state, examples: [known] }, panel, saved: {}, answer: 1 });
  const examples = [known, { ...second!, weight: 4 }];
  await notify(page, "state", { state: { ...state, examples }, panel, saved: {}, answer: 2 });
  await expect.poll(() => counts("image 1.png").inputValue()).toBe("4");
  expect(await counts("at night").inputValue()).toBe("2");
  await page.getByRole("button", { name: "image 1.png: towards this image; turn" }).focus();
  // The sign, the picture, then what it counts.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  expect(await counts("image 1.png").evaluate((select) => select.matches(":focus"))).toBe(true);
  await page.keyboard.press("ArrowUp");
  await expect.poll(async () => (await parts()).at(-1)?.[1]).toEqual([1, 2]);
  await notify(page, "state", { state: { ...similarState(30), takesWords: true }, panel, saved: {}, answer: 3 });
  await expect.poll(() => counts("q.png").count()).toBe(0);
  await page.close();
});

test("of several folders each says up to where nothing is like the words, and only all of them that there is nothing", async () => {
  const state = answeredByWords([{ text: "red", sign: 1 }]);
  const words = state.result!.words!;
  const cutOffs = {
    "folder 1": { score: 1, by: "random" as const, best: 0.9 },
    "folder 2": { score: 0.5, by: "random" as const, best: 0.9 },
  };
  const withCutOffs = (given: typeof words.cutOffs) => ({
    ...state,
    result: { ...state.result!, chance: null, words: { ...words, cutOff: null, cutOffs: given! } },
  });
  const page = await opened(withCutOffs(cutOffs));
  const marked = (folder: string) =>
    page.locator(`.card[data-column=combined][data-path^="${folder}/"]:not(.chance-above)`);
  const shown = await page.locator('.card[data-column=combined][data-path^="folder 1/"]').count();
  expect(shown).toBeGreaterThan(0);
  expect(await marked("folder 1").count()).toBe(shown);
  expect(await marked("folder 3").count()).toBe(0);
  // What the other branches show is ranked by pictures.
  expect(await page.locator(".card[data-column=spoc]:not(.chance-above)").count()).toBe(0);
  expect(await page.locator(".nothing-close").count()).toBe(0);
  const none = { ...cutOffs, "folder 2": { ...cutOffs["folder 2"], best: 0.4 } };
  await notify(page, "state", { state: withCutOffs(none), panel, saved: {}, answer: 1 });
  await expect
    .poll(() => page.locator(".nothing-close").textContent())
    .toContain(
      "Nothing like that in any folder. folder 1: the best score is 0.90, and up to 1.00 is by chance; folder 2: the best score is 0.40",
    );
  await page.close();
});

test("a model that takes no words has no field", async () => {
  const page = await opened(similarState(30));
  expect(await page.getByRole("searchbox", { name: "Search by words" }).count()).toBe(0);
  await page.close();
});
