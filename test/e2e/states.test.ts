import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { keepPicture, openWindow, type TestWindow, told } from "./support/window.ts";

let window: TestWindow | undefined;
afterEach(async ({ task }) => {
  if (window !== undefined && task.result?.state === "fail") await keepPicture(window, task.name);
  await window?.close();
  window = undefined;
});

async function emoji(count: number): Promise<string[]> {
  const { folder, images } = await ensureEmoji({ classes: 16 });
  return images.slice(0, count).map(({ path }) => join(folder, path));
}

test("three images and two broken files: short lists, and the broken ones are counted", async () => {
  const files = await emoji(3);
  window = await openWindow({
    name: "100% #1 it's",
    fill: async (folder) => {
      for (const [i, file] of files.entries()) copyFileSync(file, join(folder, `image ${i}.png`));
      writeFileSync(join(folder, "broken.jpg"), "no image");
      writeFileSync(join(folder, "empty.png"), "");
    },
  });
  const { workbench, page } = window;
  await workbench.contextMenu(workbench.row("image 1.png"), "Find Similar Images");
  const view = await workbench.results("image 1.png");
  await expect.poll(() => view.locator('.card[data-column="combined"]').count(), { timeout: 60_000 }).toBe(2);
  await workbench.status().hover();
  await page.getByText("2 files skipped; the log names them").first().waitFor();

  await workbench.contextMenu(workbench.row("broken.jpg"), "Find Similar Images");
  await view.locator(".notice.error", { hasText: "broken.jpg: not an image" }).waitFor();
  expect(await view.locator(".notice button").allInnerTexts()).toEqual(["Try again", "Show log"]);
});

test("settings that hold anything: the panel comes as without them, and each is told once", async () => {
  const files = await emoji(3);
  const { contributes } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  const properties = Object.entries<{ type: string }>(
    Object.assign({}, ...[contributes.configuration].flat().map((each) => each.properties)),
  );
  const wrong = Object.fromEntries(properties.map(([name, { type }]) => [name, type === "string" ? 12 : "on fire"]));
  window = await openWindow({
    settings: wrong,
    machineSettings: wrong,
    fill: async (folder) => {
      for (const [i, file] of files.entries()) copyFileSync(file, join(folder, `image ${i}.png`));
    },
  });
  const { workbench, page } = window;
  for (const image of ["image 1.png", "image 2.png"]) {
    await workbench.contextMenu(workbench.row(image), "Find Similar Images");
    const view = await workbench.results(image);
    await expect.poll(() => view.locator('.card[data-column="combined"]').count(), { timeout: 60_000 }).toBe(2);
  }
  await told(window, 'The setting lookalike.index.watch is "on fire", not true or false. true is used.');
  const messages = await page.locator(".notifications-center .notification-list-item-message").allTextContents();
  const ours = messages.filter((text) => text.includes("The setting lookalike."));
  expect(ours.length).toBeGreaterThan(2);
  expect(new Set(ours).size).toBe(ours.length);
});

test("a menu on a file that is no image has no entry of ours, and a folder without images says so", async () => {
  window = await openWindow({ fill: async (folder) => writeFileSync(join(folder, "notes.txt"), "text") });
  const { workbench, page } = window;
  await workbench.command("Lookalike: Index Folder");
  const told = page.locator(".notification-list-item", { hasText: "images holds no images that can be indexed." });
  const seen = async () => {
    if (!(await told.first().isVisible())) await workbench.command("Notifications: Show Notifications");
    return told.first().isVisible();
  };
  await expect.poll(seen, { timeout: 60_000, interval: 1000 }).toBe(true);
  await workbench.row("notes.txt").click({ button: "right" });
  await page.locator(".monaco-menu .action-item", { hasText: "Delete" }).first().waitFor();
  expect(await page.locator(".monaco-menu .action-item", { hasText: "Find Similar" }).count()).toBe(0);
});
