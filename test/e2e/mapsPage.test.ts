/** The projections page with made-up maps: what it says at first sight. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { madeUpHost } from "./support/madeUpMaps.ts";
import { openPage } from "./support/pageHarness.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
  page = await openPage(browser, "projections", {}, madeUpHost);
  await page.locator(".legend li").first().waitFor();
});
afterAll(() => browser.close());

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
  // It is what one asks about: it leads the list.
  expect((await entries())[0]).toBe("class 12");
  await page.locator('.entry[title="Select the images of class 3"]').click();
  await expect.poll(picked).toEqual(["class 330 selected30"]);
  expect((await entries())[0]).toBe("class 3");
  await search.fill("");
  await page.locator("lookalike-map .plot").first().focus();
  await page.keyboard.press("Escape");
  await expect.poll(picked).toEqual([]);
});

test("a lasso that begins in a map and leaves it selects no text", async () => {
  const plot = (await page.locator("lookalike-map[data-descriptor=spoc] .plot").boundingBox())!;
  await page.keyboard.down("Shift");
  await page.mouse.move(plot.x + 20, plot.y + 20);
  await page.mouse.down();
  for (const [x, y] of [
    [plot.x + 200, plot.y - 15],
    [plot.x + plot.width + 60, plot.y + 40],
    [plot.x + 60, plot.y + plot.height - 10],
  ] as const) {
    await page.mouse.move(x, y, { steps: 4 });
  }
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await page.locator(".thumbnails .thumbnail").first().waitFor();
  expect(await page.evaluate(() => getSelection()!.toString())).toBe("");
  await page.locator("lookalike-map .plot").first().focus();
  await page.keyboard.press("Escape");
});

test("the legend says which folders are the parts of a split, and where there is none it says nothing", async () => {
  const said = (of: Page) => of.locator(".legend").getByText("taken for the parts of a split").allInnerTexts();
  expect(await said(page)).toEqual([]);
  const split = await openPage(browser, "projections", { classes: 2, folders: ["train", "val"] }, madeUpHost);
  await split.locator(".legend li").first().waitFor();
  expect(await split.locator(".legend .entry .text").allTextContents()).toEqual(["class 0", "class 1"]);
  expect(await said(split)).toEqual([
    "The folders train, val are taken for the parts of a split: the label of an image is its folder below them.",
  ]);
  await split.close();
});

test("of few images no picture is cut at the edge of a map", async () => {
  const few = await openPage(browser, "projections", { classes: 1, each: 3 }, madeUpHost);
  await few.locator(".legend li").first().waitFor();
  /** The outermost pixels of what is drawn over the points, in pixels from the edges of each map. */
  const margins = () =>
    few.locator("lookalike-map").evaluateAll((maps) =>
      maps.map((map) => {
        const canvas = map.querySelector<HTMLCanvasElement>("canvas:last-of-type")!;
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
        const drawn = [...Array(width * height).keys()].filter((i) => data[4 * i + 3]! > 0);
        const [xs, ys] = [drawn.map((i) => i % width), drawn.map((i) => Math.floor(i / width))];
        const ends = (values: readonly number[], end: number) => {
          const least = values.reduce((a, b) => Math.min(a, b), end);
          const most = values.reduce((a, b) => Math.max(a, b), 0);
          return [least, end - 1 - most];
        };
        return { pixels: drawn.length, margin: Math.min(...ends(xs, width), ...ends(ys, height)) };
      }),
    );
  // Three pictures, each of some thousand pixels.
  await expect.poll(async () => Math.min(...(await margins()).map(({ pixels }) => pixels))).toBeGreaterThan(3000);
  for (const { margin } of await margins()) expect(margin).toBeGreaterThan(0);
  await few.close();
});
