/** Colours, what moved, search and export of the projections, in a real VS Code. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { openMaps } from "./support/maps.ts";
import { keepPicture, openIndexed, saveAs, type TestWindow } from "./support/window.ts";

let window: TestWindow;
let view: FrameLocator;
/** `<emoji>/<artist>.<ending>`; twelve emoji by six artists each. */
let images: string[];

beforeAll(async () => {
  const drawings = await ensureEmoji({ classes: 12, minArtists: 6, maxArtists: 6 });
  images = drawings.images.map(({ path }) => path);
  window = await openIndexed(drawings, (target) => {
    const artist = (path: string) => path.split("/")[1]!.split(".")[0]!;
    const rows = images.map((path, i) => `${path},${artist(path)},${i / 10}`);
    writeFileSync(join(target, "meta.csv"), ["path,artist,order", ...rows.slice(1), 'gone.png,"x,1'].join("\n"));
  });
  await window.page.setViewportSize({ width: 1600, height: 1000 });
  view = await openMaps(window);
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const legend = () => view.locator(".legend");
const colourBy = (label: string) => view.locator("select.colour").selectOption({ label });
const entries = () => legend().locator("li .text").allInnerTexts();

test("a column of a table beside the images colours them; what does not fit is counted and named", async () => {
  await colourBy("artist");
  await expect.poll(() => legend().locator("h3").textContent()).toBe("artist");
  await expect
    .poll(async () => (await entries()).sort())
    .toEqual([...new Set(images.map((path) => path.split("/")[1]!.split(".")[0]!))].sort());
  const notes = await legend().locator(".notes p").allInnerTexts();
  expect(notes).toEqual([
    `${images.length - 1} of ${images.length} images have a row in the table.`,
    "Paths that are none of these images: 1 (gone.png)",
    `Lines with odd quoting or another number of fields: 1 (${images.length + 1})`,
  ]);
  await legend().locator("li button").first().click();
  await expect.poll(() => view.locator(".selection h3").textContent()).toMatch(/^1[12] selected$/);
  await keepPicture(window, "maps column");
  await view.getByRole("button", { name: "Clear", exact: true }).click();
  await colourBy("order");
  await expect
    .poll(() => legend().locator(".ends span").allInnerTexts())
    .toEqual(["0.1", String((images.length - 1) / 10)]);
});

test("size, date and label agreement have a scale; the card tells the value", async () => {
  await colourBy("Image size");
  await expect.poll(() => legend().locator(".ends span").first().textContent()).toMatch(/px|MP/);
  await colourBy("File date");
  await expect.poll(() => legend().locator(".ends span").first().textContent()).toMatch(/\d{4}/);
  await colourBy("Label agreement");
  await expect.poll(() => legend().locator(".ends span").allInnerTexts()).toEqual(["0", "1"]);
  await view.locator(".plot").first().focus();
  await window.page.keyboard.press("ArrowRight");
  await expect.poll(() => view.locator(".hover-card .card-value").textContent()).toMatch(/^(0|1|0\.\d+)$/);
  await window.page.keyboard.press("Escape");
});

test("a legend with many folders can be searched, and some folders coloured while the rest is grey", async () => {
  await colourBy("Folder");
  await expect.poll(async () => (await entries()).length).toBe(12);
  const names = await entries();
  await legend().getByRole("searchbox").fill(names[10]!);
  await expect.poll(entries).toEqual(names.filter((name) => name.includes(names[10]!)));
  await legend().getByRole("checkbox").first().check();
  await legend().getByRole("searchbox").fill("");
  await expect.poll(async () => (await entries())[0]).toBe(names[10]);
  expect(await legend().locator("input.label-other").count()).toBe(11);
  await keepPicture(window, "maps highlighted");
  await legend().getByRole("checkbox").first().uncheck();
  await expect.poll(() => legend().locator("input.label-other").count()).toBe(0);
});

test("a search finds by path in all maps; Enter selects what it finds", async () => {
  const search = view.locator(".search input");
  const artist = images[0]!.split("/")[1]!.split(".")[0]!;
  await search.fill(artist);
  await expect.poll(() => view.locator(".found").textContent()).toContain("12 found");
  await keepPicture(window, "maps search");
  await search.press("Enter");
  await expect.poll(() => view.locator(".selection h3").textContent()).toBe("12 selected");
  const paths = await view
    .locator(".selection .thumbnail")
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-path")));
  expect(paths.every((path) => path!.includes(artist))).toBe(true);
  await search.fill("");
  await view.getByRole("button", { name: "Clear", exact: true }).click();
});

test("what moved: the images that differ most are listed, and a map moves to the places of the other", async () => {
  await colourBy("What moved");
  await view.locator(".moved .thumbnail").first().waitFor();
  const shares = await view.locator(".moved .caption").allInnerTexts();
  expect(shares.length).toBeGreaterThan(5);
  expect(shares.map(Number)).toEqual(shares.map(Number).sort((a, b) => b - a));
  await view.locator("select.other").selectOption("mac");
  await expect.poll(() => view.locator(".moved .caption").allInnerTexts()).not.toEqual(shares);
  const places = (name: string) =>
    view.locator(`lookalike-map[data-descriptor="${name}"]`).evaluate((element) => {
      const { left, top } = element.querySelector(".plot")!.getBoundingClientRect();
      type Map = HTMLElement & { positionOf(row: number): { x: number; y: number } };
      return [0, 1, 2, 3, 4].map((row) => {
        const { x, y } = (element as Map).positionOf(row);
        return [Math.round(x - left), Math.round(y - top)];
      });
    });
  const before = await places("spoc");
  expect(before).not.toEqual(await places("mac"));
  await keepPicture(window, "maps moved");
  await view.getByRole("button", { name: "Show the move" }).click();
  // Of this moment: the row of controls may take another height with another button in it.
  await expect.poll(async () => String(await places("spoc")) === String(await places("mac"))).toBe(true);
  expect(await view.locator(".morphing").textContent()).toBe("with the places of MAC");
  await view.getByRole("button", { name: "Move back" }).click();
  await expect.poll(() => places("spoc")).toEqual(before);
  await view.locator(".moved .thumbnail").first().click();
  await expect.poll(() => view.locator('.plot[data-linked=""]').count()).toBe(0);
});

test("who wants less motion sees the other places at once", async () => {
  await window.page.emulateMedia({ reducedMotion: "reduce" });
  const x = () =>
    view.locator('lookalike-map[data-descriptor="spoc"]').evaluate((element) => {
      type Map = HTMLElement & { positionOf(row: number): { x: number } };
      return (element as Map).positionOf(0).x;
    });
  const before = await x();
  await view.getByRole("button", { name: "Show the move" }).click();
  const seen = new Set<number>();
  for (let i = 0; i < 12; i++) seen.add(Math.round(await x()));
  seen.delete(Math.round(before));
  expect(seen.size).toBe(1);
  await view.getByRole("button", { name: "Move back" }).click();
  await window.page.emulateMedia({ reducedMotion: null });
  await colourBy("Folder");
});

test("examples are drawn as thumbnails, and all points where few are in view; names and thumbnails can be left out", async () => {
  const drawn = () =>
    view
      .locator("lookalike-map")
      .first()
      .evaluate((element) => {
        const canvas = element.querySelectorAll("canvas")[1]!;
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value, i) => i % 4 === 3 && value > 0);
      });
  // The image that was chosen before is lit up still.
  await view.locator(".plot").first().focus();
  await window.page.keyboard.press("Escape");
  await view.locator("header h1").hover();
  await expect.poll(drawn).toBe(true);
  const [names, thumbnails] = [view.getByLabel("Names", { exact: true }), view.getByLabel("Thumbnails")];
  await names.uncheck();
  await thumbnails.uncheck();
  await expect.poll(drawn).toBe(false);
  await thumbnails.check();
  await expect.poll(drawn).toBe(true);
  const box = (await view.locator(".plot").first().boundingBox())!;
  await window.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; i < 3; i++) await window.page.mouse.wheel(0, -300);
  await view.locator("header h1").hover();
  await expect.poll(drawn).toBe(true);
  await keepPicture(window, "maps thumbnails");
  await thumbnails.uncheck();
  await expect.poll(drawn).toBe(false);
  await thumbnails.check();
  await names.check();
  await view.locator(".plot").first().focus();
  await window.page.keyboard.press("f");
});

async function exportAs(format: string, path: string, width?: number): Promise<void> {
  await view.locator(".menu.export summary").click();
  await view.locator('.menu.export select[name="format"]').selectOption(format);
  if (width !== undefined) await view.locator('.menu.export input[name="width"]').fill(String(width));
  await view.getByRole("button", { name: "Export...", exact: true }).click();
  await saveAs(window, path);
}

test("the maps are exported as PNG and SVG of a chosen width, and their coordinates as CSV", async () => {
  const place = (name: string) => join(window.folder, name);
  await exportAs("png", place("maps.png"), 900);
  const { data, info } = await sharp(place("maps.png")).raw().toBuffer({ resolveWithObject: true });
  expect(info.width).toBe(900);
  expect(info.height).toBeGreaterThan(900);
  expect(new Set(data).size).toBeGreaterThan(20);
  await exportAs("svg", place("maps.svg"), 700);
  const svg = readFileSync(place("maps.svg"), "utf8");
  expect(svg).toContain('width="700"');
  for (const title of ["SPoC", "MAC", "GeM", "Combined"]) expect(svg).toContain(`>${title}</text>`);
  // Every image in each of the four maps, and the legend's dots.
  expect(svg.match(/h0/g)!.length).toBe(4 * images.length + 12);
  expect((await sharp(place("maps.svg")).metadata()).width).toBe(700);
  await exportAs("csv", place("maps.csv"));
  const lines = readFileSync(place("maps.csv"), "utf8").trim().split("\r\n");
  expect(lines).toHaveLength(images.length + 1);
  expect(lines[0]).toBe("path,spoc_x,spoc_y,mac_x,mac_y,gem_x,gem_y,combined_x,combined_y");
});
