import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  columnName,
  type DuplicatesResult,
  type LabelsResult,
  type Metrics,
  untranslated,
} from "../../src/shared/index.ts";
import { commandLine } from "./support/commandLine.ts";
import { openDrawings, similarByCommandLine } from "./support/similarWindow.ts";
import { keepPicture, type TestWindow } from "./support/window.ts";

let window: TestWindow;
let query: string;
let view: FrameLocator;

beforeAll(async () => {
  const drawings = await openDrawings((target, source, images) => {
    mkdirSync(join(target, "copies"));
    for (const { path } of images.slice(0, 4)) {
      copyFileSync(join(source, path), join(target, "copies", path.replace("/", "-")));
    }
  });
  window = drawings.window;
  query = drawings.images[0]!.path;
  await window.page.setViewportSize({ width: 1600, height: 950 });
  view = window.workbench.webview();
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

test("Find Duplicates lists the groups of the command line; what is selected goes to the trash once agreed", async () => {
  const { workbench, page } = window;
  await workbench.command("Lookalike: Find Duplicates");
  await view.locator(".group").first().waitFor({ timeout: 120_000 });
  const { groups } = commandLine<DuplicatesResult>(window, "duplicates", window.folder);
  const shown = () =>
    view
      .locator(".group")
      .evaluateAll((all) =>
        all.map((group) => [...group.querySelectorAll("li")].map((item) => item.getAttribute("data-path"))),
      );
  expect(await shown()).toEqual(groups.map(({ images }) => images.map(({ path }) => path)));
  await view.getByRole("button", { name: "Keep one of each" }).click();
  const chosen = await view
    .locator("li.chosen")
    .evaluateAll((all) => all.map((item) => item.getAttribute("data-path")!));
  expect(chosen).toEqual(groups.flatMap(({ images }) => images.slice(1).map(({ path }) => path)));
  await keepPicture(window, "duplicates");
  await view.getByRole("button", { name: "Move to trash..." }).click();
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  for (const path of chosen) expect(existsSync(join(window.folder, path))).toBe(true);
  await view.getByRole("button", { name: "Move to trash..." }).click();
  await dialog.getByRole("button", { name: "Move to Trash" }).click();
  // Where there is no trash VS Code refuses, and everything stays.
  await workbench.command("Notifications: Show Notifications");
  const refused = page.locator(".notifications-center", { hasText: "could not be moved to the trash" });
  await expect.poll(async () => (await view.locator(".group").count()) === 0 || (await refused.count()) > 0).toBe(true);
  await page.keyboard.press("Escape");
  const gone = chosen.filter((path) => !existsSync(join(window.folder, path)));
  expect([0, chosen.length]).toContain(gone.length);
  expect(await view.locator(".group").count()).toBe(gone.length === 0 ? groups.length : 0);
});

test("Find Suspicious Labels lists those of the command line, and searches on from one", async () => {
  const { workbench, page } = window;
  await workbench.command("Lookalike: Find Suspicious Labels");
  await view.locator("h1", { hasText: "Suspicious labels" }).waitFor();
  // In a tab of its own: what one was looking through stays.
  await page.locator(".tab", { hasText: "Duplicates: " }).waitFor();
  await view.locator('main[aria-busy="false"]').waitFor({ timeout: 60_000 });
  const { suspicious } = commandLine<LabelsResult>(window, "labels", window.folder);
  const rows = view.locator("tbody tr");
  expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-path")))).toEqual(
    suspicious.map(({ path }) => path),
  );
  await keepPicture(window, "labels");
  const [first] = suspicious;
  if (first === undefined) return;
  expect(await rows.first().textContent()).toContain(first.suggested);
  await rows
    .first()
    .getByRole("button", { name: /^Find similar to/ })
    .click();
  const tab = page.locator(".tab", { hasText: `Similar: ${basename(first.path)}` });
  await tab.waitFor();
  // Beside the list: closed again, the list is alone.
  await workbench.closeTab(`Similar: ${basename(first.path)}`);
});

test("Evaluate Retrieval shows the figures of the command line, and searches on from a wrong result", async () => {
  const { workbench, page } = window;
  await workbench.command("Lookalike: Evaluate Retrieval...");
  await view.locator("table.figures").first().waitFor({ timeout: 120_000 });
  await view.locator('main[aria-busy="false"]').waitFor({ timeout: 60_000 });
  const { models } = commandLine<{
    readonly models: readonly { readonly descriptors: Readonly<Record<string, Metrics>> }[];
  }>(window, "evaluate", window.folder);
  const rows = view.locator("table.figures").first().locator("tbody tr");
  expect(await rows.locator("th").allTextContents()).toEqual(
    Object.keys(models[0]!.descriptors).map((key) => columnName(key, untranslated)),
  );
  const shown = await rows.evaluateAll((all) => all.map((row) => row.querySelector("td")?.firstChild?.textContent));
  expect(shown).toEqual(Object.values(models[0]!.descriptors).map((each) => (100 * each["recall@1"]!).toFixed(1)));
  await keepPicture(window, "evaluation");
  const image = view.locator("details[open] button[data-image]").first();
  const path = (await image.getAttribute("data-image"))!;
  await image.click();
  await page.locator(".tab", { hasText: `Similar: ${basename(path)}` }).waitFor();
  await workbench.closeTab(`Similar: ${basename(path)}`);
});

test("the view in the secondary side bar follows the active image", async () => {
  const { workbench, page } = window;
  await workbench.command("Lookalike: Focus on Look-alikes View");
  const follow = page
    .frameLocator('iframe.webview.ready[src*="extensionId=lookalike.lookalike"][src*="purpose=webviewView"]')
    .frameLocator("iframe#active-frame");
  const near = () =>
    follow.locator(".near button").evaluateAll((all) => all.map((each) => each.getAttribute("data-path")));
  const folder = dirname(query);
  const other = readdirSync(join(window.folder, folder)).find((name) => !query.endsWith(`/${name}`));
  for (const path of [query, `${folder}/${other}`]) {
    await workbench.expand(folder);
    await workbench.row(path).click();
    const { results } = similarByCommandLine(window, join(window.folder, path), "-k", "30");
    await follow.locator(`.head .name[title="${path}"]`).waitFor();
    await expect.poll(near).toEqual(results["combined"]!.map((each) => each.path));
  }
  await keepPicture(window, "follow");
});
