/** From the click to the first results, on an index of 10,000 images. The times are printed; what is asserted is the results. */
import type { FrameLocator, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { fillIndexedFolder } from "./support/indexedFolder.ts";
import { findSimilar, pathsIn, similarTo, WIDE } from "./support/similarWindow.ts";
import { indexesBeside, keepPicture, openWindow, type TestWindow } from "./support/window.ts";

const IMAGES = 10_000;
/** One for the check; more of them make a figure: `npm run bench -- clicks`. */
const ROUNDS = Number(process.env["LOOKALIKE_ROUNDS"] ?? 1);
/** Milliseconds in which nothing is asked of the browser. */
const UNDISTURBED = 1_000;

let window: TestWindow;
let view: FrameLocator;
let images: readonly string[];

beforeAll(async () => {
  window = await openWindow({
    fill: async (folder) => {
      images = await fillIndexedFolder(folder, indexesBeside(folder), IMAGES);
    },
  });
  await window.page.setViewportSize(WIDE);
  await window.page.evaluate(() => {
    const host = globalThis as unknown as { released: number };
    const release = () => {
      host.released = Date.now();
    };
    document.addEventListener("mouseup", release, { capture: true });
  });
  // Engine, model and index are warm from here on.
  view = await findSimilar(window, images[20]!);
  await window.workbench.closeTab("Similar: ");
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

/** Milliseconds after the mouse was released over an entry of a menu, which acts then. */
interface Times {
  /** The page's script runs; only of a page that is loaded for this query. */
  readonly page: number;
  /** The page has the result. */
  readonly answer: number;
  /** The first rows of each list are painted. */
  readonly results: number;
}

async function timesOf(target: Locator, entry: string, query: string): Promise<Times> {
  const { page, workbench } = window;
  await target.click({ button: "right" });
  const item = page.locator(".monaco-menu .action-item", { hasText: entry }).first();
  await item.waitFor();
  // A menu that has just opened ignores the mouse.
  await page.waitForTimeout(700);
  await item.click();
  // Whoever looks for the lists while they come takes a part of the time that they take.
  await page.waitForTimeout(UNDISTURBED);
  await workbench.results(query);
  const released = await page.evaluate(() => (globalThis as unknown as { released: number }).released);
  const marks = await view.locator("body").evaluate(() => {
    // The clocks of two processes drift apart; that of the machine they share.
    const start = Date.now() - performance.now();
    const entries = performance.getEntriesByType("mark") as PerformanceMark[];
    return entries.map(({ name, detail, startTime }) => ({ name, detail: detail as unknown, time: start + startTime }));
  });
  const after = (name: string, detail: string) => {
    const mark = marks.findLast((each) => each.name === `lookalike:${name}` && each.detail === detail);
    return mark === undefined ? Number.NaN : mark.time - released;
  };
  return { page: after("ready", ""), answer: after("state", query), results: after("results", query) };
}

async function expectRightLists(query: string): Promise<void> {
  for (const [column, list] of Object.entries(similarTo(window, query).results)) {
    expect(list).toHaveLength(50);
    expect(await pathsIn(view, column), column).toEqual(list.map(({ path }) => path));
  }
}

function median(all: readonly Times[], of: keyof Times): string {
  return all
    .map((times) => times[of])
    .sort((a, b) => a - b)
    [Math.floor(all.length / 2)]!.toFixed(0);
}

test("a click in the Explorer, without a panel: its lists are those of the command line", async () => {
  const all: Times[] = [];
  for (const query of images.slice(0, ROUNDS)) {
    if (all.length > 0) await window.workbench.closeTab("Similar: ");
    all.push(await timesOf(window.workbench.row(query), "Find Similar Images", query));
  }
  expect(all.every(({ results }) => results > 0)).toBe(true);
  console.log(
    `first results of a new panel ${median(all, "results")} ms after the click on an index of ${IMAGES} images; ` +
      `VS Code has loaded the page after ${median(all, "page")} ms, it has the answer after ${median(all, "answer")} ms`,
  );
  await expectRightLists(images[ROUNDS - 1]!);
});

test("a click on a result, in the open panel: its lists are those of the command line", async () => {
  const all: Times[] = [];
  let query = "";
  for (let i = 0; i < ROUNDS; i++) {
    const card = view.locator('.card[data-column="combined"]').first();
    query = (await card.getAttribute("data-path"))!;
    all.push(await timesOf(card, "Find Similar from Here", query));
  }
  expect(all.every(({ results }) => results > 0)).toBe(true);
  console.log(
    `first results in the open panel ${median(all, "results")} ms after the click on an index of ${IMAGES} images; ` +
      `the page has the answer after ${median(all, "answer")} ms`,
  );
  await expectRightLists(query);
});
