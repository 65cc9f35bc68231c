/**
 * From the Explorer through every page and back without a mouse, with few keys, over a reload too; and where a query goes with its
 * file.
 */
import { renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { finishedMaps } from "./support/maps.ts";
import { endTrainers, TrainingHands } from "./support/training.ts";
import { keepPicture, openIndexed, type TestWindow, untilKept } from "./support/window.ts";

let window: TestWindow;
/** `<emoji>/<artist>.<ending>` of the query. */
let query: string;
/** Of another emoji. */
let other: string;
let view: FrameLocator;
let pressed = 0;

beforeAll(async () => {
  const drawings = await ensureEmoji({ classes: 16 });
  window = await openIndexed(drawings);
  query = drawings.images[0]!.path;
  other = drawings.images.find(({ path }) => dirname(path) !== dirname(query))!.path;
  view = window.workbench.webview();
});
afterAll(async () => {
  endTrainers(window);
  await window?.close();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await window.page.keyboard.press(key);
  pressed += keys.length;
}

/** Runs a command by a part of its title. */
async function command(part: string, title: string): Promise<void> {
  await press("F1");
  const { page } = window;
  await page.locator(".quick-input-widget input").first().waitFor();
  await press(...[...part].map((letter) => (letter === " " ? "Space" : letter)));
  await page.locator(".quick-input-widget .monaco-list-row.focused", { hasText: title }).waitFor();
  await press("Enter");
}

/** Waits until the focus is where a key is to lead. @param part of the page, by selector */
async function focusIn(part: string): Promise<void> {
  const inside = () =>
    view.locator("body").evaluate((_, selector) => document.activeElement?.closest(selector) != null, part);
  await expect.poll(inside, { message: part }).toBe(true);
}

test("the Explorer, results, why-maps and back, in few keys", async () => {
  const { workbench, page } = window;
  await workbench.expand(dirname(query));
  // One stands on the file: the walk begins here.
  await workbench.row(query).click();
  await workbench.tab(query).waitFor();
  await workbench.command("File: Focus on Files Explorer");
  await press("Shift+F10");
  const entry = page.locator(".monaco-menu .action-item", { hasText: "Find Similar Images" });
  await entry.waitFor();
  await press("ArrowDown", "ArrowDown");
  await entry.and(page.locator(".focused")).waitFor();
  await press("Enter");
  await workbench.results(query);
  await focusIn('.card[data-rank="1"]');
  await press("w");
  await view.locator("figure[data-branch] canvas").nth(5).waitFor();
  await press("Tab");
  await focusIn("lookalike-heat");
  expect(pressed, "to the first why-map").toBeLessThanOrEqual(6);

  pressed = 0;
  await press("Shift+Tab", "ArrowDown", "Tab");
  await focusIn("lookalike-heat");
  expect(pressed, "to the next result's").toBeLessThanOrEqual(4);

  await press("Escape");
  await focusIn('.card[data-rank="2"]');
  await press("Escape");
  await page.locator(".explorer-folders-view .monaco-list:focus-within").waitFor();
});

test("into the list of a selection in the maps, and back, in few keys", async () => {
  pressed = 0;
  await command("proj", "Inspect Descriptor Projections");
  await finishedMaps(view);
  await focusIn("lookalike-map");
  await press("ArrowDown", "e");
  await expect.poll(() => view.locator(".selection .thumbnail").count()).toBeGreaterThan(5);
  await press("F6");
  await focusIn(".selection .thumbnail");
  await press("Escape");
  await focusIn("lookalike-map");
  expect(await view.locator(".selection .thumbnail").count()).toBe(0);
  expect(pressed, "into the list and back").toBeLessThanOrEqual(12);
  // The maps were called from the results, and these from the Explorer: each leads back to where one came to it from.
  await press("Escape");
  await window.page.locator(".tab.active", { hasText: "Similar: " }).waitFor();
  await focusIn(".card");
  await press("Escape");
  await window.page.locator(".explorer-folders-view .monaco-list:focus-within").waitFor();
});

test("to a training that runs, in few keys", async () => {
  pressed = 0;
  await command("train m", "Train Model");
  const training = new TrainingHands(view);
  await training.ready();
  await focusIn('[data-action="start"]');
  await press("Enter");
  await view.locator('main:not([data-stage="choosing"])').waitFor();
  expect(pressed, "to a training that runs").toBeLessThanOrEqual(15);
});

test("a query whose file is renamed behind VS Code's back is followed by its content; one that is deleted is marked", async () => {
  const { workbench, folder } = window;
  await workbench.expand(dirname(query));
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  await workbench.results(query);
  const renamed = `${dirname(query)}/renamed.png`;
  renameSync(join(folder, query), join(folder, renamed));
  await view.locator("header .path", { hasText: renamed }).waitFor();
  expect(await view.locator(".gone").count()).toBe(0);
  rmSync(join(folder, renamed));
  await view.locator(".gone", { hasText: "This file is gone" }).waitFor();
  expect(await view.locator(".card[data-path]").count()).toBeGreaterThan(10);
});

test("an editor that one came from has the focus again after Escape, over a reload of the window too", async () => {
  const { workbench, page } = window;
  await workbench.expand(dirname(other));
  await workbench.row(other).dblclick();
  await workbench.tab(other).waitFor();
  await workbench.command("Lookalike: Find Similar Images...");
  await workbench.results(other);
  await focusIn('.card[data-rank="1"]');
  // Whole, and of this query: an earlier one was kept before.
  await untilKept(window, `"image":"${join(window.folder, other)}"`);
  await untilKept(window, `"cameFrom":"file://${join(window.folder, other)}"`);
  await page.reload();
  await workbench.results(other);
  await view.locator('.card[data-column="combined"]').first().focus();
  await press("Escape");
  const editor = page.locator(".editor-group-container.active .tab.active", { hasText: basename(other) });
  await editor.and(page.locator(":not(:has-text('Similar: '))")).waitFor();
});
