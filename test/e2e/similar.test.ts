import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { THEMES } from "../../scripts/lib/workbench.ts";
import type { SimilarResult } from "../../src/shared/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

let window: TestWindow;
/** `<emoji>/<artist>.<ending>` of the query. */
let query: string;
let view: FrameLocator;

beforeAll(async () => {
  const { folder, images } = await ensureEmoji({ classes: 16 });
  query = images[0]!.path;
  window = await openWindow({ fill: async (target) => cpSync(folder, target, { recursive: true }) });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const cards = (column: string) => view.locator(`.card[data-column="${column}"]`);
const fileName = (path: string) => path.split("/").at(-1)!;

function similarByCommandLine(): SimilarResult {
  const args = ["similar", join(window.folder, query), "--in", window.folder, "-k", "50", "--json"];
  const { stdout } = spawnSync(process.execPath, [join(ROOT, "bin", "lookalike.mjs"), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...window.env },
  });
  return JSON.parse(stdout);
}

test("right-click an image: indexing is seen, then four lists with the results of the command line", async () => {
  const { workbench } = window;
  const [label, file] = query.split("/") as [string, string];
  await workbench.expand(label);
  await workbench.contextMenu(workbench.row(file), "Find Similar Images");
  view = workbench.webview();
  await view.locator(".progress, .card").first().waitFor();
  await workbench.results(file);

  const heads = await view.locator(".head").allInnerTexts();
  expect(heads.map((head) => head.replace(/\s+/g, " "))).toEqual(["S SPoC", "M MAC", "G GeM", "C Combined"]);
  const { results } = similarByCommandLine();
  for (const [column, list] of Object.entries(results)) {
    expect(await cards(column).evaluateAll((all) => all.map((card) => card.getAttribute("data-path")))).toEqual(
      list.map(({ path }) => path),
    );
    expect(await cards(column).first().locator(".score").innerText()).toBe(list[0]!.score.toFixed(2));
  }
  await view.locator(".card img").first().waitFor();
  const size = await view
    .locator(".card img")
    .first()
    .evaluate((image) => (image as HTMLImageElement).naturalWidth);
  expect(size).toBeGreaterThan(50);
  expect(await workbench.status().innerText()).toMatch(/^\d+ images · CPU$/);
});

test("hovering a result lights it up in every list that holds it, and nothing else", async () => {
  const card = cards("combined").first();
  const path = await card.getAttribute("data-path");
  await card.hover();
  const alight = await view
    .locator(".card.alight")
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-path")));
  expect(alight.length).toBe(await view.locator(`.card[data-path="${path}"]`).count());
  expect(new Set(alight)).toEqual(new Set([path]));
  expect(alight.length).toBeGreaterThan(1);
});

test("the bar of a combined score is split into its branches", async () => {
  const score = Number(await cards("combined").first().locator(".score").innerText());
  const widths = await cards("combined")
    .first()
    .locator(".shares rect")
    .evaluateAll((all) => all.map((rect) => Number(rect.getAttribute("width"))));
  expect(widths).toHaveLength(3);
  expect(Math.abs(widths.reduce((sum, width) => sum + width, 0) - score)).toBeLessThan(0.006);
});

test("a click previews an image, a double click keeps it open", async () => {
  const { workbench } = window;
  const paths = await cards("mac").evaluateAll((all) => all.map((card) => card.getAttribute("data-path")!));
  await cards("mac").nth(0).click();
  const preview = workbench.tab(fileName(paths[0]!));
  await preview.waitFor();
  await preview.locator(".monaco-icon-label.italic").waitFor();
  await cards("mac").nth(1).dblclick();
  const kept = workbench.tab(fileName(paths[1]!));
  await kept.locator(".monaco-icon-label:not(.italic)").waitFor();
});

test("the keyboard moves through the lists, previews and opens", async () => {
  const { page, workbench } = window;
  const focused = () =>
    view
      .locator(".card:focus")
      .evaluate((card) => [card.getAttribute("data-column"), Number(card.getAttribute("data-rank"))]);
  await cards("spoc").first().focus();
  for (const [key, expected] of [
    ["ArrowDown", ["spoc", 2]],
    ["ArrowRight", ["mac", 2]],
    ["ArrowUp", ["mac", 1]],
    ["End", ["mac", await cards("mac").count()]],
    ["Home", ["mac", 1]],
    ["PageDown", ["mac", 6]],
    ["ArrowLeft", ["spoc", 6]],
  ] as const) {
    await page.keyboard.press(key);
    expect(await focused(), key).toEqual(expected);
  }
  const path = (await view.locator(".card:focus").getAttribute("data-path"))!;
  await page.keyboard.press("Enter");
  await workbench.tab(fileName(path)).locator(".monaco-icon-label:not(.italic)").waitFor();
});

test("the lists have no accessibility problems in light, dark and high contrast", async () => {
  for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
    await window.workbench.theme(theme);
    const body = await view.locator("body").elementHandle();
    const frame = (await body!.ownerFrame())!;
    await frame.evaluate(axe.source);
    const problems = await frame.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run("lookalike-similar");
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    });
    expect(problems, theme).toEqual([]);
  }
  await window.workbench.theme("light");
});

test("Find Similar from Here makes a result the query", async () => {
  const { workbench } = window;
  const path = (await cards("gem").first().getAttribute("data-path"))!;
  await workbench.contextMenu(cards("gem").first(), "Find Similar from Here");
  await workbench.results(fileName(path));
  expect(await view.locator("header .path").innerText()).toContain(path);
});

test("a reload of the window brings the panel back", async () => {
  const { page, workbench } = window;
  const name = await view.locator("h1").innerText();
  await page.reload();
  view = workbench.webview();
  await workbench.results(name);
  expect(await cards("combined").count()).toBeGreaterThan(10);
});

test("a narrow panel shows one list at a time, behind tabs", async () => {
  const { page } = window;
  await page.setViewportSize({ width: 760, height: 900 });
  await view.locator('[role="tab"]').first().waitFor();
  expect(await view.locator(".head").count()).toBe(1);
  expect(await view.locator('[role="tab"][aria-selected="true"]').innerText()).toContain("Combined");
  await view.locator('[role="tab"]', { hasText: "MAC" }).click();
  await cards("mac").first().waitFor();
  expect(await cards("combined").count()).toBe(0);
  await keepPicture(window, "narrow panel");
  await page.setViewportSize({ width: 1440, height: 900 });
  await cards("spoc").first().waitFor();
});

test("the palette finds similar images of the open image, and rebuilds the index", async () => {
  const { workbench, page } = window;
  const [label, file] = query.split("/") as [string, string];
  await workbench.expand(label);
  await workbench.row(file).dblclick();
  await workbench.tab(file).waitFor();
  await page.locator(".image-preview, iframe.webview").first().waitFor();
  await workbench.command("Lookalike: Find Similar Images...");
  await workbench.results(file);
  await workbench.command("Lookalike: Rebuild Index");
  await page.locator(".statusbar-item", { hasText: /embedded/ }).waitFor({ timeout: 60_000 });
  await workbench.command("Lookalike: Show Log");
  await page.locator(".output-view, .panel .output").first().waitFor();
});
