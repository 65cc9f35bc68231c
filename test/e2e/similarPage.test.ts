import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { SimilarState } from "../../src/shared/index.ts";
import { axeProblems } from "./support/axe.ts";
import { explanation } from "./support/explanation.ts";
import { forgetAnswer, notify, openPage } from "./support/pageHarness.ts";
import { NO_LABELS, similarState } from "./support/similarState.ts";

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  page = await openPage(browser, "similar", {
    ready: {
      state: similarState(60),
      panel: { canGoBack: true, canGoForward: false, pinned: false },
      saved: {},
      labels: NO_LABELS,
    },
    explain: explanation(),
  });
  await page.locator(".card[data-path] img").first().waitFor();
});
afterEach(() => page.close());

const EXAMPLE = { path: "folder 1/q.png", sign: 1, box: null };

/** Parameters of the requests of a method so far. */
const asked = (method: string) =>
  page.evaluate(
    (name) =>
      (globalThis as unknown as { asked: { method: string; params: unknown }[] }).asked
        .filter((request) => request.method === name)
        .map(({ params }) => params),
    method,
  );

test("the keys + and - ask for the examples with their signs", async () => {
  const card = page.locator('.card[data-column="mac"]').nth(2);
  const path = await card.getAttribute("data-path");
  await card.focus();
  await page.keyboard.press("-");
  const examples = [EXAMPLE, { path, sign: -1, box: null }];
  await expect.poll(() => asked("query")).toEqual([{ examples, weights: {}, filter: {}, labels: null, across: false }]);
});

test("a region by keys and by mouse is asked for when it rests", async () => {
  const canvas = page.locator("lookalike-query-picture .canvas");
  await canvas.focus();
  // In one moment: on a busy machine keys that are pressed one by one may be further apart than what counts as a rest.
  await canvas.evaluate(async (element) => {
    for (const [key, shiftKey] of [
      ["Enter", false],
      ["ArrowRight", false],
      ["ArrowUp", true],
    ] as const) {
      element.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
      await new Promise((drawn) => setTimeout(drawn));
    }
  });
  await page.locator(".region").waitFor();
  const box = async () =>
    ((await asked("query")).at(-1) as { examples: { box: unknown }[] } | undefined)?.examples[0]?.box;
  await expect.poll(box).toEqual({ x: 0.27, y: 0.25, width: 0.5, height: 0.48 });
  expect(await asked("query")).toHaveLength(1);
  await page.keyboard.press("Escape");
  await expect.poll(box).toBeNull();
  // The picture of 80 x 60 is letterboxed in the square frame.
  const { x, y, width, height } = (await canvas.boundingBox())!;
  const top = y + height / 8;
  await page.mouse.move(x + width / 4, top + (0.75 * height) / 4);
  await page.mouse.down();
  await page.mouse.move(x + (3 * width) / 4, top + 0.75 * height * 0.75, { steps: 6 });
  await page.mouse.up();
  await expect.poll(async () => JSON.stringify(await box())).toMatch(/"x":0\.2[45]/);
  const drawn = (await box()) as Record<string, number>;
  for (const [key, value] of Object.entries({ x: 0.25, y: 0.25, width: 0.5, height: 0.5 })) {
    expect(drawn[key]).toBeCloseTo(value, 1);
  }
});

test("a click explains: maps of each descriptor, their sum, and the best match of what is pointed at", async () => {
  const card = page.locator('.card[data-column="combined"]').first();
  const path = await card.getAttribute("data-path");
  await card.click();
  await page.locator("figure[data-branch] canvas").nth(5).waitFor();
  expect(await asked("explain")).toEqual([{ example: EXAMPLE.path, box: null, result: path }]);
  expect(await page.locator(".equation b").textContent()).toBe("0.520");
  const tooltip = await page.locator('figure[data-branch="spoc"] figcaption').getAttribute("title");
  // The map's parts are -0.02 to 0.09, which makes 0.42.
  expect(tooltip).toContain("map 0.420 + constant 0.100 = 0.520");
  const heats = page.locator('figure[data-branch="mac"] lookalike-heat');
  await heats.first().locator(".canvas").focus();
  for (const key of ["ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp"]) await page.keyboard.press(key);
  // From the middle to the first position of the query: the last of the result.
  const place = async (which: number) => {
    const [mark, canvas] = [heats.nth(which).locator(".mark"), heats.nth(which).locator("canvas")];
    const [a, b] = [(await mark.boundingBox())!, (await canvas.boundingBox())!];
    return [Math.round(((a.x - b.x) / b.width) * 4), Math.round(((a.y - b.y) / b.height) * 3)];
  };
  expect(await place(0)).toEqual([0, 0]);
  expect(await place(1)).toEqual([3, 2]);
  await page.keyboard.press("Escape");
  await page.locator(".why").waitFor({ state: "detached" });
});

test("hovering links an image to its places in the other lists", async () => {
  await page.locator('.card[data-column="combined"]').first().hover();
  expect(await page.locator("lookalike-links path").count()).toBe(3);
  await page.locator("h1").hover();
  await page.locator("lookalike-links path").first().waitFor({ state: "detached" });
});

test("another query: the lists of the one before stay until its own are there, and go where there are none", async () => {
  const panel = { canGoBack: true, canGoForward: false, pinned: false, severalFolders: false };
  const { result, ...before } = similarState(60);
  const query = { name: "other.png", path: "folder 2/other.png", inside: true };
  const asked = { ...before, query, examples: [{ ...query, sign: 1 as const, box: null }], searching: true };
  const first = page.locator('.card[data-column="combined"]').first();
  const path = await first.getAttribute("data-path");

  await notify(page, "state", { state: { ...asked, result: null }, panel, saved: {}, answer: 1 });
  await page.locator("h1", { hasText: "other.png" }).waitFor();
  await page.locator("lookalike-lists.waiting").waitFor();
  expect(await first.getAttribute("data-path")).toBe(path);
  expect(await page.locator(".lists").getAttribute("aria-busy")).toBe("true");

  const next = similarState(40).result!;
  const answered = { ...next, query: query.path, results: { ...next.results, combined: next.results["mac"]! } };
  await notify(page, "state", { state: { ...asked, result: answered, searching: false }, panel, saved: {}, answer: 2 });
  await page.locator('.lists[aria-busy="false"]').waitFor();
  expect(await page.locator("lookalike-lists.waiting").count()).toBe(0);
  expect(await first.getAttribute("data-path")).toBe(next.results["mac"]![0]!.path);
  await expect.poll(() => page.locator('.card[data-column="combined"]').count()).toBe(40);
  const marks = await page.evaluate(() =>
    performance.getEntriesByName("lookalike:results").map((entry) => (entry as PerformanceMark).detail as unknown),
  );
  expect(marks).toEqual([result!.query, query.path]);

  // What the page has already is not sent again, and drawn as it was.
  await first.evaluate((card) => card.classList.add("the-same"));
  await notify(page, "state", { state: { ...asked, searching: false, device: "gpu" }, panel, saved: {}, answer: 2 });
  await page.locator(".gallery", { hasText: "GPU" }).waitFor();
  expect(await page.locator(".card.the-same").getAttribute("data-path")).toBe(next.results["mac"]![0]!.path);

  const notice = { kind: "error", text: "gone.png: the file is not there.", actions: [] };
  const gone = { name: "gone.png", path: "gone.png", inside: true };
  const none = { ...asked, query: gone, examples: [{ ...gone, sign: 1 as const, box: null }], result: null };
  await notify(page, "state", { state: none, panel, saved: {}, answer: 3 });
  await page.locator("lookalike-lists.waiting").waitFor();
  await notify(page, "state", { state: { ...none, searching: false, notice }, panel, saved: {}, answer: 3 });
  await page.locator(".card").first().waitFor({ state: "detached" });
});

test("pasted and dropped images, filters, history and exports reach the host", async () => {
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.of(1, 2, 3)], "x.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
    const uris = new DataTransfer();
    uris.setData("text/uri-list", "file:///a.png\r\nfile:///b.png");
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: uris }));
  });
  await expect.poll(async () => (await asked("paste")).length).toBe(1);
  expect(await asked("drop")).toEqual([{ uris: ["file:///a.png", "file:///b.png"], sign: 1 }]);
  await page.keyboard.press("Alt+ArrowLeft");
  await expect.poll(() => asked("history")).toEqual([{ step: -1 }]);
  await page.locator(".folder-filter").selectOption("folder 3");
  await expect
    .poll(() => asked("query"))
    .toEqual([{ examples: [EXAMPLE], weights: {}, filter: { folder: "folder 3" }, labels: null, across: false }]);
  for (const entry of ["Save as CSV...", "Copy as Markdown table", "Save as picture..."]) {
    await page.locator(".menu summary").click();
    await page.getByRole("menuitem", { name: entry }).click();
  }
  await expect.poll(async () => (await asked("save")).length).toBe(2);
  const [csv] = (await asked("save")) as { name: string; content: string }[];
  expect(csv!.name).toBe("q-similar.csv");
  expect(csv!.content.split("\r\n")).toHaveLength(1 + 4 * 60 + 1);
  expect(((await asked("copy"))[0] as { text: string }).text.split("\n")).toHaveLength(2 + 60 + 1);
});

test("with several folders: the switch asks for all, and their models are told of", async () => {
  await page.close();
  const { result, ...others } = similarState(20);
  const descriptors = ["gem"];
  const models = {
    one: { name: "a", fingerprint: "1", descriptors },
    two: { name: "b", fingerprint: "2", descriptors },
  };
  const state = { ...others, result: { ...result!, model: { ...result!.model, fingerprint: "1 2" } } };
  const several = async (shown: SimilarState) => {
    page = await openPage(browser, "similar", {
      ready: {
        state: shown,
        panel: { canGoBack: false, canGoForward: false, pinned: false, severalFolders: true },
        saved: {},
        labels: NO_LABELS,
      },
    });
    await page.locator(".card[data-path] img").first().waitFor();
  };
  await several({ ...state, model: "1 2" });
  expect(await page.locator(".origin").count()).toBe(0);
  await page.getByRole("button", { name: "All folders" }).click();
  await expect
    .poll(() => asked("query"))
    .toEqual([{ examples: [EXAMPLE], weights: {}, filter: {}, labels: null, across: true }]);
  await page.close();

  await several({ ...state, model: "1 3", across: { order: "rank", models, indexing: null } });
  expect(await page.locator('.scope [aria-pressed="true"]').textContent()).toBe("All folders");
  expect(await page.locator(".origin").textContent()).toMatch(/do not compare.*Results of the old model/s);
  const list = page.locator('.card[data-column="combined"]');
  const order = () => list.evaluateAll((cards) => cards.map((card) => card.getAttribute("data-path")));
  const before = await order();
  // Scores of two models do not compare: only the engine may make another list of them.
  await page.locator('.weights input[data-branch="spoc"]').fill("0");
  await expect.poll(async () => (await asked("query")).length).toBe(1);
  expect(await order()).toEqual(before);
  await page.getByRole("button", { name: "Update" }).click();
  await expect.poll(() => asked("action")).toEqual([{ action: "indexFolder" }]);
  await page.setViewportSize({ width: 320, height: 900 });
  expect(await page.evaluate(() => document.body.scrollWidth <= innerWidth)).toBe(true);
  expect(await axeProblems(page)).toEqual([]);
});

test("pictures that could not be shown are asked for again when the user tries again", async () => {
  const notice = { kind: "error", text: "The database asks for a password.", actions: ["retry"] } as const;
  const broken = await openPage(browser, "similar", {
    ready: {
      state: { ...similarState(3), notice },
      panel: { canGoBack: false, canGoForward: false, pinned: false },
      saved: {},
      labels: NO_LABELS,
    },
    thumbnail: new Error("The database asks for a password."),
  });
  await broken.locator(".card .broken").first().waitFor();
  expect(await broken.locator("img").count()).toBe(0);
  await forgetAnswer(broken, "thumbnail");
  await broken.getByRole("button", { name: "Try again" }).click();
  await broken.locator("header img").waitFor();
  await expect.poll(() => broken.locator(".broken").count()).toBe(0);
  await broken.close();
});

test("what a reload of the window needs is kept whatever else changes: the history, and where one came from", async () => {
  const kept = () =>
    page.evaluate(() =>
      (globalThis as unknown as { acquireVsCodeApi(): { getState(): unknown } }).acquireVsCodeApi().getState(),
    );
  const panel = { canGoBack: true, canGoForward: false, pinned: false, severalFolders: false };
  const { result: _, ...state } = similarState(60);
  const history = { visits: [{ folder: "/images" }, { folder: "/others" }], at: 1 };
  await notify(page, "cameFrom", { from: "editor" });
  await notify(page, "state", { state, panel, saved: { folder: "/images" }, history, answer: undefined });
  // The next change comes without it: the page has it.
  await notify(page, "state", { state, panel, saved: { folder: "/images" }, answer: undefined });
  await page.getByRole("button", { name: "Grid: one list over the whole width" }).click();
  await expect.poll(kept).toMatchObject({ folder: "/images", history, cameFrom: "editor", page: { grid: true } });
});
