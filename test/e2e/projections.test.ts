import { cpSync } from "node:fs";
import { dirname } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { THEMES } from "../../scripts/lib/workbench.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { drawnMaps, lone } from "./support/drawnMaps.ts";
import { finishedMaps, pointsAtRest } from "./support/maps.ts";
import { keepPicture, openWindow, type TestWindow, untilKept } from "./support/window.ts";

const MAPS = ["spoc", "mac", "gem", "combined"];
const LABELS = 4;

let window: TestWindow;
let view: FrameLocator;
/** `<emoji>/<artist>.<ending>`; four emoji by six artists each. */
let images: string[];

beforeAll(async () => {
  const { folder, images: all } = await ensureEmoji({ classes: LABELS, minArtists: 6, maxArtists: 6 });
  images = all.map(({ path }) => path);
  window = await openWindow({
    fill: async (target) => cpSync(folder, target, { recursive: true }),
  });
  await window.page.setViewportSize({ width: 1600, height: 1000 });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const { map, plot, linked, card, places, colourAt, named, pathOf, away, lasso } = drawnMaps(() => ({ window, view }));
const finished = () => finishedMaps(view);
const thumbnails = () => view.locator(".thumbnail");
const selected = () => thumbnails().evaluateAll((all) => all.map((one) => one.getAttribute("data-path")!).sort());

/** Which of the label colours a row has: labels are sorted by name where they are as frequent. */
const labelColour = (path: string) =>
  `--label-${[...new Set(images.map((image) => dirname(image)))].sort().indexOf(dirname(path))}`;

const near = (a: readonly number[], b: readonly number[]) => a.every((value, i) => Math.abs(value - b[i]!) <= 6);

test("the palette opens the panel; a folder without an index gets one by a button, then its maps", async () => {
  const { workbench } = window;
  await workbench.command("Lookalike: Inspect Descriptor Projections");
  view = workbench.webview();
  await view.locator(".notice", { hasText: "not indexed yet" }).waitFor({ timeout: 60_000 });
  expect(await view.locator(".notice button").allInnerTexts()).toEqual(["Index folder"]);
  await view.locator(".notice button").click();
  await finished();
  expect(await view.locator("lookalike-map .title").allInnerTexts()).toEqual(["SPoC", "MAC", "GeM", "Combined"]);
  for (const text of await view.locator(".quality").allInnerTexts()) expect(text).toBe("too few to measure");
  expect((await view.locator(".about-images").textContent())?.trim()).toBe("24 images");
  expect(await view.locator(".legend button").count()).toBe(LABELS);
  expect(await view.locator(".notice").count()).toBe(0);
  // The tests look at points: few as these are drawn as thumbnails, and names lie over them.
  await view.getByLabel("Thumbnails").uncheck();
  await view.getByLabel("Names", { exact: true }).uncheck();
});

test("each point is drawn at its place in the colour of its folder", async () => {
  for (const name of MAPS) {
    const points = await places(name);
    const row = lone(points);
    const expected = await named(labelColour(await pathOf(row)));
    expect(near(await colourAt(points[row]!), expected), `${name} ${row}`).toBe(true);
  }
});

test("hovering a point lights it up in every map, with a card, and lines to its nearest in each descriptor space", async () => {
  const points = await places("mac");
  const row = lone(points);
  await window.page.mouse.move(points[row]!.x, points[row]!.y);
  await card().locator("img").waitFor();
  expect(await linked()).toEqual(MAPS.map(() => String(row)));
  expect(await card().getAttribute("data-path")).toBe(await pathOf(row));
  const lines = () =>
    view.locator(".plot").evaluateAll((all) => all.map((one) => one.getAttribute("data-near")!.split(" ").map(Number)));
  await expect.poll(async () => (await lines()).map((rows) => rows.length)).toEqual([5, 5, 5, 5]);
  for (const rows of await lines()) expect(rows).not.toContain(row);
  await keepPicture(window, "projections hover");
  await away();
  expect(await linked()).toEqual(MAPS.map(() => ""));
});

test("a lasso in one map selects the same images in all of them", async () => {
  const points = await places("spoc");
  const byX = [...points.keys()].sort((a, b) => points[a]!.x - points[b]!.x);
  const middle = (points[byX[9]!]!.x + points[byX[10]!]!.x) / 2;
  const inside = byX.filter((row) => points[row]!.x < middle);
  const { x } = (await plot("spoc").boundingBox())!;
  await lasso("spoc", x + 2, middle);
  await expect.poll(selected).toEqual((await Promise.all(inside.map(pathOf))).sort());
  await away();
  // In the other maps those that are not selected step back.
  for (const name of MAPS.slice(1)) {
    const there = await places(name);
    const one = lone(there, inside);
    const other = lone(
      there,
      [...there.keys()].filter((row) => !inside.includes(row)),
    );
    expect(near(await colourAt(there[one]!), await named(labelColour(await pathOf(one)))), `${name} in`).toBe(true);
    expect(near(await colourAt(there[other]!), await named(labelColour(await pathOf(other)))), `${name} out`).toBe(
      false,
    );
  }
  await keepPicture(window, "projections lasso");
  await plot("spoc").focus();
  await window.page.keyboard.press("Escape");
  expect(await thumbnails().count()).toBe(0);
});

test("the wheel zooms at the pointer, dragging pans, F shows all again", async () => {
  const { page } = window;
  const before = await places("gem");
  const row = lone(before);
  await page.mouse.move(before[row]!.x, before[row]!.y);
  await page.mouse.wheel(0, -400);
  await expect
    .poll(async () => (await places("gem"))[row === 0 ? 1 : 0]!.x)
    .not.toBeCloseTo(before[row === 0 ? 1 : 0]!.x, 0);
  const zoomed = await places("gem");
  expect(Math.hypot(zoomed[row]!.x - before[row]!.x, zoomed[row]!.y - before[row]!.y)).toBeLessThan(1);
  await page.mouse.down();
  await page.mouse.move(before[row]!.x + 40, before[row]!.y + 25, { steps: 5 });
  await page.mouse.up();
  const panned = await places("gem");
  expect(panned[row]!.x - zoomed[row]!.x).toBeCloseTo(40, 0);
  expect(panned[row]!.y - zoomed[row]!.y).toBeCloseTo(25, 0);
  expect(await thumbnails().count()).toBe(0);
  await plot("gem").focus();
  await page.keyboard.press("f");
  await expect.poll(async () => (await places("gem"))[row]!.x).toBeCloseTo(before[row]!.x, 0);
  await away();
});

test("keys: a number enlarges a map and brings all back, arrows walk to points, Enter opens the image", async () => {
  const { page, workbench } = window;
  await plot("spoc").focus();
  await page.keyboard.press("3");
  await expect.poll(() => view.locator("lookalike-map .title").allInnerTexts()).toEqual(["GeM"]);
  await page.keyboard.press("3");
  await expect.poll(() => view.locator("lookalike-map").count()).toBe(MAPS.length);
  await pointsAtRest(view);
  const points = await places("spoc");
  await plot("spoc").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => thumbnails().count()).toBe(1);
  const from = Number((await linked())[0]);
  const key = points.some(({ x }) => x > points[from]!.x + 40) ? "ArrowRight" : "ArrowLeft";
  await page.keyboard.press(key);
  await expect.poll(async () => Number((await linked())[0])).not.toBe(from);
  const to = Number((await linked())[0]);
  expect(Math.sign(points[to]!.x - points[from]!.x)).toBe(key === "ArrowRight" ? 1 : -1);
  expect(await selected()).toEqual([await pathOf(to)]);
  await page.keyboard.press("Enter");
  await workbench.tab(await pathOf(to)).waitFor();
  await window.workbench.closeColumn("last");
  await pointsAtRest(view);
  await plot("spoc").focus();
  await page.keyboard.press("Escape");
});

test("another theme redraws the points in its colours", async () => {
  await view.locator(".legend button").first().click();
  await expect.poll(() => thumbnails().count()).toBe(6);
  for (const theme of ["dark", "high-contrast", "light"] as const satisfies (keyof typeof THEMES)[]) {
    await window.workbench.theme(theme);
    await view.locator(`body.vscode-${theme}`).waitFor();
    await away();
    const points = await places("combined");
    const paths = await selected();
    const rows = [];
    for (const row of points.keys()) if (paths.includes(await pathOf(row))) rows.push(row);
    const row = lone(points, rows);
    const expected = await named(labelColour(await pathOf(row)));
    await expect.poll(async () => near(await colourAt(points[row]!), expected), { message: theme }).toBe(true);
    await keepPicture(window, `projections ${theme}`);
  }
  const light = await named("--label-0");
  await window.workbench.theme("dark");
  await view.locator("body.vscode-dark").waitFor();
  expect(near(await named("--label-0"), light)).toBe(false);
  await window.workbench.theme("light");
  await plot("spoc").focus();
  await window.page.keyboard.press("Escape");
});

test("a lost WebGL context comes back with its points", async () => {
  expect(await map("spoc").getAttribute("data-drawn-by")).toBe("webgl");
  const points = await places("spoc");
  const row = lone(points);
  const expected = await named(labelColour(await pathOf(row)));
  await map("spoc").evaluate(async (element) => {
    const canvas = element.querySelector("canvas")!;
    const extension = canvas.getContext("webgl2")!.getExtension("WEBGL_lose_context")!;
    const event = (name: string) => new Promise((done) => canvas.addEventListener(name, done, { once: true }));
    const lost = event("webglcontextlost");
    extension.loseContext();
    await lost;
    // A context is only given back after the event has been handled.
    await new Promise((done) => setTimeout(done, 50));
    const restored = event("webglcontextrestored");
    extension.restoreContext();
    await restored;
  });
  await expect.poll(async () => near(await colourAt(points[row]!), expected)).toBe(true);
});

test("a double click opens an image, and Find similar searches from the selection", async () => {
  const { page, workbench } = window;
  const points = await places("combined");
  const row = lone(points);
  // Asked while there is one panel only.
  const path = await pathOf(row);
  await page.mouse.dblclick(points[row]!.x, points[row]!.y);
  await workbench.tab(path).waitFor();
  await window.workbench.closeColumn("last");
  await pointsAtRest(view);
  expect(await selected()).toEqual([path]);
  await view.getByRole("button", { name: "Find similar" }).click();
  await page.locator(".tab", { hasText: `Similar: ${path.split("/")[1]}` }).waitFor();
  await window.workbench.closeColumn("last");
  await pointsAtRest(view);
});

test("a reload of the window brings the maps and the selection back, and so does another tab in between", async () => {
  const { page, workbench } = window;
  await view.locator(".legend button").nth(2).click();
  await expect.poll(() => thumbnails().count()).toBe(6);
  const before = await selected();
  await workbench.row("CREDITS.txt").dblclick();
  await page.locator('.tab[data-resource-name="CREDITS.txt"][aria-selected="true"]').waitFor();
  await page.locator(".tab", { hasText: "Projections: images" }).click();
  await finished();
  await expect.poll(selected).toEqual(before);
  // VS Code in a browser writes its state down when it changes; while a page has the focus, it may not.
  await workbench.row("balloon").click();
  await untilKept(window, `"under":"","selection":["${before[0]}"`);
  await window.page.reload();
  view = window.workbench.webview();
  await finished();
  expect(await view.locator("lookalike-map").count()).toBe(MAPS.length);
  await expect.poll(selected).toEqual(before);
});

test("without WebGL2 the points are drawn all the same", async () => {
  await window.page.addInitScript(() => {
    const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: unknown) {
      return kind === "webgl2" ? null : Reflect.apply(get, this, [kind, options]);
    } as typeof get;
  });
  await window.page.reload();
  view = window.workbench.webview();
  await finished();
  // The selection of before is kept.
  await view.getByRole("button", { name: "Clear" }).click();
  await thumbnails().first().waitFor({ state: "detached" });
  // The legend has moved under the pointer.
  await away();
  const points = await places("combined");
  const row = lone(points);
  expect(await map("combined").getAttribute("data-drawn-by")).toBe("canvas");
  expect(near(await colourAt(points[row]!), await named(labelColour(await pathOf(row))))).toBe(true);
});

test("the menu of a folder shows the maps of its images", async () => {
  const { workbench } = window;
  const [folder] = images.map((image) => dirname(image));
  await workbench.contextMenu(workbench.row(folder!), "Inspect Descriptor Projections");
  await expect.poll(() => view.locator("header h1").textContent(), { timeout: 60_000 }).toBe(`images/${folder}`);
  await expect.poll(() => view.locator(".about-images").textContent(), { timeout: 60_000 }).toContain("6 images");
  await view.locator('.maps[aria-busy="false"]').waitFor({ timeout: 90_000 });
});
