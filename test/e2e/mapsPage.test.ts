/** The projections page with made-up maps: what it says at first sight. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { openPage } from "./support/pageHarness.ts";
import { flawsOfLooks } from "./support/themes.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
  page = await openPage(browser, "projections", {}, madeUpHost);
  await page.locator(".legend li").first().waitFor();
});
afterAll(() => browser.close());

/** Thirty classes in a row, class 0 the largest; runs in the page. */
function madeUpHost(): void {
  const classes = 30;
  const rows = Array.from({ length: classes }, (_, code) =>
    Array.from({ length: 34 - (code > 0 ? 4 : 0) }, () => code),
  ).flat();
  const names = ["spoc", "mac", "gem", "combined"];
  const points = () =>
    Float32Array.from(
      rows.flatMap((code, row) => [(code % 6) + 0.3 * Math.cos(row), Math.floor(code / 6) + 0.3 * Math.sin(row)]),
    );
  const parameters = { neighbours: 15, minDist: 0.1, seed: 42, sample: null, under: "" };
  const quality = { trustworthiness: 0.97, neighbourPreservation: 0.5, alignmentResidual: 0.1 };
  const few = { trustworthiness: null, neighbourPreservation: null, alignmentResidual: 0.1 };
  const summary = {
    images: rows.length,
    excluded: 0,
    maps: Object.fromEntries(names.map((name) => [name, name === "mac" ? few : quality])),
    measured: { k: 15, images: rows.length },
    reused: "none",
    seconds: 1,
  };
  const known: Record<string, unknown> = {
    ready: {
      state: { folder: "photos", under: "", work: null, parameters, summary, notice: null },
      saved: { folder: "/photos", under: "", parameters },
      colour: null,
      images: { descriptors: names, paths: rows.map((code, row) => `class ${code}/${row}.png`) },
      layouts: names.map((descriptor) => ({ descriptor, method: "umap", done: 1, points: points() })),
      highlight: { active: null, query: null, results: [] },
    },
    tables: [],
    neighbours: {},
  };
  const host = globalThis as unknown as { acquireVsCodeApi(): { postMessage(message: Message): unknown } };
  type Message = { id?: number; method: string };
  const before = host.acquireVsCodeApi;
  host.acquireVsCodeApi = () => {
    const api = before();
    return {
      ...api,
      postMessage(message: Message) {
        const result = known[message.method];
        if (result === undefined) return api.postMessage(message);
        const data = { jsonrpc: "2.0", id: message.id, result };
        return globalThis.dispatchEvent(new MessageEvent("message", { data }));
      },
    };
  };
}

/** What the maps draw: how many points of each mark, by map. */
const marks = () =>
  page.evaluate(() =>
    [...document.querySelectorAll("lookalike-map")].map((map) => {
      const { drawn } = map as unknown as { drawn: { marks: Uint8Array } };
      const counts: Record<number, number> = {};
      for (const mark of drawn.marks) counts[mark] = (counts[mark] ?? 0) + 1;
      return counts;
    }),
  );

const entries = () => page.locator(".legend .entry .text").allTextContents();

test("every class has a colour and an entry, the largest first", async () => {
  expect(await page.locator(".legend li").count()).toBe(30);
  expect((await entries())[0]).toBe("class 0");
  expect(await page.locator(".legend .dot.label-other").count()).toBe(0);
  const colours = await page
    .locator(".legend .dot")
    .evaluateAll((dots) => dots.map((dot) => getComputedStyle(dot).backgroundColor));
  expect(new Set(colours).size).toBe(18);
  expect(colours.every((colour) => /^rgb\(/.test(colour))).toBe(true);
});

test("a class whose entry is pointed at is lit up in all maps, and goes out again", async () => {
  await page.locator(".legend li", { hasText: /^\s*class 7/ }).hover();
  await expect.poll(marks).toEqual(Array(4).fill({ 0: 874, 3: 30 }));
  await page.mouse.move(5, 5);
  await expect.poll(marks).toEqual(Array(4).fill({ 0: 904 }));
});

test("a map whose neighbourhoods could not be measured says so instead of a figure", async () => {
  const heads = await page.locator("lookalike-map h2 .quality").allTextContents();
  expect(heads.map((text) => text.trim().replace(/\s+/g, " "))).toEqual([
    "T .97 N .50",
    "too few to measure",
    "T .97 N .50",
    "T .97 N .50",
  ]);
});

test("zoomed in, the legend lists what is in view, and all of it once more after F", async () => {
  const plot = page.locator("lookalike-map[data-descriptor=combined] .plot");
  const { x, y, width, height } = (await plot.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -400);
  await expect.poll(async () => (await entries()).length).toBeLessThan(10);
  expect(await page.locator(".legend [role=status]").textContent()).toMatch(/^[1-9] of 30 in view$/);
  await plot.focus();
  await page.keyboard.press("f");
  await expect.poll(async () => (await entries()).length).toBe(30);
  await page.mouse.move(5, 5);
});

test("names can be taken out of the maps, and that is kept", async () => {
  const ink = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("lookalike-map canvas:last-of-type")!;
      return canvas
        .getContext("2d")!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.filter((_, i) => i % 4 === 3)
        .reduce((sum, alpha) => sum + alpha, 0);
    });
  await page.getByRole("checkbox", { name: "Thumbnails" }).uncheck();
  await expect.poll(ink).toBeGreaterThan(0);
  await page.getByRole("checkbox", { name: "Names" }).uncheck();
  await expect.poll(ink).toBe(0);
  await page.getByRole("checkbox", { name: "Names" }).check();
});

test("the legend counts what is found and what is selected of each class", async () => {
  const picked = () =>
    page
      .locator(".legend li", { has: page.locator(".picked") })
      .evaluateAll((all) => all.map((each) => each.textContent!.trim().replace(/\s+/g, " ")));
  const search = page.locator(".controls input[type=search]");
  await search.fill("class 12/");
  await expect.poll(picked).toEqual(["class 1230 found30"]);
  await page.locator('.entry[title="Select the images of class 3"]').click();
  await expect.poll(picked).toEqual(["class 330 selected30"]);
  await search.fill("");
  await page.locator("lookalike-map .plot").first().focus();
  await page.keyboard.press("Escape");
  await expect.poll(picked).toEqual([]);
});

test("the maps are accessible in every theme and width, with a selection and without", async () => {
  expect(await flawsOfLooks(page, "maps", [1100, 552, 392])).toEqual({});
  await page.locator(".legend .entry").first().click();
  await page.locator(".thumbnails img").first().waitFor();
  expect(await flawsOfLooks(page, "maps-selected", [1100, 552, 392])).toEqual({});
});
