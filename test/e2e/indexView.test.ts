import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

let window: TestWindow | undefined;
afterEach(async ({ task }) => {
  if (window !== undefined && task.result?.state === "fail") await keepPicture(window, task.name);
  await window?.close();
  window = undefined;
});

test("the view of the indexes: welcome, index, skipped files, following the files, deleting", async () => {
  const { folder: emoji, images } = await ensureEmoji({ classes: 16 });
  const files = images.slice(0, 3).map(({ path }) => join(emoji, path));
  window = await openWindow({
    fill: async (folder) => {
      for (const [i, file] of files.entries()) copyFileSync(file, join(folder, `image ${i}.png`));
      writeFileSync(join(folder, "empty.png"), "");
    },
  });
  const { page, workbench, folder } = window;
  const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();

  // The extension's icon comes once the extension is registered.
  await page.locator('.activitybar [aria-label="Lookalike"]').first().click();
  await page.getByText("No folder of this window is indexed yet").waitFor();
  await page.locator(".sidebar .monaco-button", { hasText: "Index Folder" }).click();
  await row(/images.*up to date · 3 images/).waitFor({ timeout: 90_000 });

  await row("1 file skipped").click();
  await row("the file is empty").click();
  await row("empty.png").click();
  await page.locator('.tab[data-resource-name="empty.png"]').waitFor();

  copyFileSync(files[0]!, join(folder, "a copy.png"));
  await row(/up to date · 4 images/).waitFor();
  rmSync(join(folder, "image 1.png"));
  await row(/up to date · 3 images/).waitFor();

  // Settings of the folder change what belongs to it, also where their file comes and goes by other hands than VS Code's.
  mkdirSync(join(folder, ".vscode"));
  writeFileSync(join(folder, ".vscode", "settings.json"), JSON.stringify({ "lookalike.index.exclude": ["image*"] }));
  await row(/up to date · 1 image/).waitFor();
  rmSync(join(folder, ".vscode"), { recursive: true });
  await row(/up to date · 3 images/).waitFor();

  await workbench.contextMenu(row(/up to date · 3 images/), "Delete Index");
  await page.locator(".monaco-dialog-box .monaco-button", { hasText: "Delete" }).first().click();
  await page.getByText("No folder of this window is indexed yet").waitFor();
  expect(await row(/up to date/).count()).toBe(0);
});
