import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openDrawings } from "./support/similarWindow.ts";
import { keepPicture, type TestWindow, told } from "./support/window.ts";

let window: TestWindow;
let copies: readonly string[];

beforeAll(async () => {
  const drawings = await openDrawings((target, source, images) => {
    mkdirSync(join(target, "copies"));
    for (const { path } of images.slice(0, 4)) {
      copyFileSync(join(source, path), join(target, "copies", path.replace("/", "-")));
    }
  });
  window = drawings.window;
  copies = drawings.images.slice(0, 4).map(({ path }) => join(window.folder, "copies", path.replace("/", "-")));
  await window.page.setViewportSize({ width: 1400, height: 900 });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

/** How many of the copies are where they were. */
const there = () => copies.filter((path) => existsSync(path)).length;
test("copies that are put away lie in a folder beside the images with a list, and one command brings all of them back", async () => {
  const { workbench, page, folder } = window;
  const view = workbench.webview();
  await workbench.command("Lookalike: Find Duplicates");
  await view.locator(".group").first().waitFor({ timeout: 120_000 });
  await view.locator('main[aria-busy="false"]').waitFor();
  for (const path of copies) await view.locator(`li[data-path="copies/${basename(path)}"] input`).check();
  await view.getByRole("button", { name: "Put away..." }).click();
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.waitFor();
  await keepPicture(window, "put away asks");
  await dialog.getByRole("button", { name: "Put Away" }).click();
  await expect.poll(there).toBe(0);
  await told(window, /4 files were put away in/);
  await keepPicture(window, "put away told");
  await view.getByText("None of the 76 images is there twice.").waitFor();
  expect(
    readdirSync(join(dirname(folder), "lookalike-put-away", basename(folder)), { recursive: true }).length,
  ).toBeGreaterThan(4);
  await workbench.command("Lookalike: Take Back Copies");
  await expect.poll(there).toBe(4);
  await told(window, "4 files are back where they were");
  await view.locator(".group").nth(3).waitFor({ timeout: 60_000 });
  await keepPicture(window, "taken back told");
});

test("a folder that is suddenly empty is asked about: kept, it comes back without embedding; removed, it is gone", async () => {
  const { workbench, page, folder } = window;
  const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
  await page.locator('.activitybar [aria-label="Lookalike"]').first().click();
  const indexed = row(/up to date · \d+ images/);
  await indexed.waitFor({ timeout: 90_000 });
  const before = await indexed.textContent();
  const aside = `${folder}-away`;
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  const move = (from: string, to: string) => {
    mkdirSync(to, { recursive: true });
    for (const name of names) renameSync(join(from, name), join(to, name));
  };
  move(folder, aside);
  const question = "Is a disk or a network folder away?";
  const asked = await told(window, question);
  await row("80 of 80 images gone").waitFor();
  await row("Nothing removed").waitFor();
  await keepPicture(window, "vanished asks");
  await asked.getByRole("button", { name: "Keep" }).click();
  move(aside, folder);
  await expect.poll(() => row(/up to date · \d+ images/).textContent(), { timeout: 60_000 }).toBe(before);
  move(folder, aside);
  await workbench.contextMenu(row(/images/), "Update Index");
  await (await told(window, question)).getByRole("button", { name: "Remove From Index" }).click();
  await expect.poll(() => row(/up to date|not indexed|no images/i).textContent(), { timeout: 60_000 }).not.toBe(before);
  await keepPicture(window, "vanished removed");
});
