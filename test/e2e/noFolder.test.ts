/** A window without a folder, and one with several: what every command says that needs one, and the way to it. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { chooseFile, keepPicture, openWindow, type TestWindow, type WindowOptions } from "./support/window.ts";

let window: TestWindow | undefined;
afterEach(async ({ task }) => {
  if (window !== undefined && task.result?.state === "fail") await keepPicture(window, task.name);
  await window?.close();
  window = undefined;
});

/** What works on a folder, by the title in the palette. */
const OF_A_FOLDER = [
  "Index Folder",
  "Rebuild Index",
  "Adapt Model to This Folder",
  "Find Duplicates",
  "Find Suspicious Labels",
  "Take Back Copies",
  "Inspect Descriptor Projections",
  "Evaluate Retrieval...",
  "Train Model...",
  "Run Ablation...",
  "Compare Models...",
  "Search by Words...",
];

async function open(options: WindowOptions, folders: readonly string[]): Promise<TestWindow> {
  const { folder, images } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
  window = await openWindow({
    ...options,
    fill: async (target) => {
      for (const name of folders) {
        mkdirSync(join(target, name));
        for (const { path } of images.slice(0, 3))
          copyFileSync(join(folder, path), join(target, name, path.replace("/", "-")));
      }
    },
  });
  return window;
}

test("without a folder every command that needs one says so, with a button that opens one", async () => {
  const { workbench, page, folder } = await open({ empty: true }, ["pictures"]);
  const messages = page.locator(".notifications-center .notification-list-item");
  for (const title of OF_A_FOLDER) {
    await workbench.command(`Lookalike: ${title}`);
    const told = async () => {
      // A list without messages closes by itself.
      if (!(await messages.first().isVisible())) await workbench.command("Notifications: Show Notifications");
      return [title, await messages.locator(".notification-list-item-message:visible").allTextContents()];
    };
    const text = "Lookalike: No folder is open. Open a folder of images first.";
    await expect.poll(told, { interval: 1000 }).toEqual([title, [text]]);
    expect(await page.locator(".quick-input-widget:visible").count()).toBe(0);
    expect(await page.locator(".editor-group-container .tab").count()).toBe(0);
    if (title === OF_A_FOLDER.at(-1)) break;
    await workbench.command("Notifications: Clear All Notifications");
    await messages.first().waitFor({ state: "hidden" });
  }
  await messages.getByRole("button", { name: "Open Folder..." }).click();
  await chooseFile(window!, `${join(folder, "pictures")}/`);
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  expect(await page.title()).toContain("pictures");
});

test("the view of the indexes leads to a folder too; one image is searched among its neighbours", async () => {
  const { workbench, page, folder } = await open({ empty: true }, ["pictures"]);
  await workbench.command("Lookalike: Focus on Index View");
  await page.getByRole("button", { name: "Open Folder" }).last().waitFor();
  await workbench.command("Lookalike: Find Similar Images...");
  const { images } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
  const image = images[0]!.path.replace("/", "-");
  await chooseFile(window!, join(folder, "pictures", image));
  const view = await workbench.results(image);
  await expect.poll(() => view.locator('.card[data-column="combined"]').count()).toBe(2);
  expect(await view.locator("header .path").textContent()).toBe(`pictures/${image}`);
});

test("of several folders one is asked for; who chooses none is told nothing, and nothing opens", async () => {
  const { workbench, page } = await open({ roots: ["one", "two"] }, ["one", "two"]);
  const asked = page.locator('.quick-input-widget input[placeholder="Folder of images"]');
  for (const title of ["Index Folder", "Find Duplicates", "Train Model..."]) {
    await workbench.command(`Lookalike: ${title}`);
    await asked.waitFor();
    await page.keyboard.press("Escape");
    await asked.waitFor({ state: "hidden" });
  }
  await workbench.command("Lookalike: Find Duplicates");
  await asked.waitFor();
  await page.keyboard.type("two");
  await page.keyboard.press("Enter");
  await page.locator(".tab", { hasText: "Duplicates: two" }).waitFor();
  expect(await page.locator(".tab").count()).toBe(1);
  await workbench.command("Notifications: Show Notifications");
  expect(await page.locator(".notifications-center", { hasText: "No folder is open" }).count()).toBe(0);
});
