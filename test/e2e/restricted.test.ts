/** Restricted Mode: each panel says why it shows nothing, nothing is read or written, and with trust each one goes on. */
import { copyFileSync, cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { runsFolder, TrainingHands } from "./support/training.ts";
import { keepPicture, openWindow, type TestWindow, trustFolder } from "./support/window.ts";

let window: TestWindow | undefined;
afterEach(async ({ task }) => {
  if (window !== undefined && task.result?.state === "fail") await keepPicture(window, task.name);
  await window?.close();
  window = undefined;
});

test("similar images and training: nothing is indexed, read or started, and both say why", async () => {
  const { folder, images } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
  window = await openWindow({
    trust: true,
    fill: async (target) => {
      cpSync(folder, target, { recursive: true });
      copyFileSync(join(folder, images[0]!.path), join(target, "query.png"));
    },
  });
  await window.page.setViewportSize({ width: 1600, height: 1000 });
  const { workbench, page } = window;
  await workbench.contextMenu(workbench.row("query.png"), "Find Similar Images");
  const view = workbench.webview();
  const refused = view.locator(".notice", { hasText: "not trusted" });
  await refused.getByRole("button", { name: "Manage workspace trust" }).waitFor();
  expect(await view.locator(".card[data-path]").count()).toBe(0);
  expect(await workbench.status().textContent()).toContain("0 images");

  await workbench.command("Lookalike: Train Model...");
  const hands = new TrainingHands(view);
  const notice = view.locator(".notice", { hasText: "not trusted, so nothing is trained on its images" });
  await notice.waitFor();
  expect(await hands.button("start").isDisabled()).toBe(true);
  expect(await view.locator(".counts").count()).toBe(0);
  expect(existsSync(runsFolder(window))).toBe(false);
  await keepPicture(window, "training restricted");

  await notice.getByRole("button", { name: "Manage workspace trust" }).click();
  await trustFolder(window);
  await hands.ready();
  await notice.waitFor({ state: "detached" });
  expect((await hands.counts()).slice(0, 2)).toEqual(["6", "24"]);
  expect(await hands.button("start").isEnabled()).toBe(true);

  await page.locator(".tab", { hasText: "Similar: " }).click();
  await view.locator('.card[data-column="combined"]').nth(1).waitFor();
});

test("projections: the panel says why there are no maps; with trust it goes on, and says what two images lack", async () => {
  const { folder, images } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
  window = await openWindow({
    trust: true,
    fill: async (target) => {
      for (const [i, { path }] of images.slice(0, 2).entries())
        copyFileSync(join(folder, path), join(target, `${i}.png`));
    },
  });
  const { workbench, page } = window;
  await workbench.command("Lookalike: Inspect Descriptor Projections");
  const panel = workbench.webview();
  await panel.locator(".notice", { hasText: "not trusted" }).waitFor();
  await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).click();
  await trustFolder(window);
  await panel.locator(".notice", { hasText: "not indexed yet" }).waitFor();
  await panel.getByRole("button", { name: "Index folder" }).click();
  await panel.locator(".notice", { hasText: "Only 2 images" }).waitFor();
  // There is nothing to index.
  expect(await panel.locator(".notice button").count()).toBe(0);
});

test("lists of duplicates, labels and figures: each says why it is empty, with a button, and begins once there is trust", async () => {
  const { folder, images } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
  window = await openWindow({
    trust: true,
    fill: async (target) => {
      cpSync(folder, target, { recursive: true });
      copyFileSync(join(folder, images[0]!.path), join(target, "copy.png"));
    },
  });
  const { workbench, page } = window;
  const view = workbench.webview();
  for (const [command, title] of [
    ["Find Suspicious Labels", "Suspicious labels: "],
    ["Evaluate Retrieval...", "Retrieval: "],
    ["Find Duplicates", "Duplicates: "],
  ] as const) {
    await workbench.command(`Lookalike: ${command}`);
    await page.locator(".tab.active", { hasText: title }).waitFor();
    await view
      .locator(".notice", { hasText: "not trusted" })
      .getByRole("button", { name: "Manage workspace trust" })
      .waitFor();
  }
  await view.getByRole("button", { name: "Manage workspace trust" }).click();
  await trustFolder(window);
  await view.locator('li[data-path="copy.png"]').waitFor({ timeout: 90_000 });
  await page.locator(".tab", { hasText: "Retrieval: " }).click();
  await view.locator("table.figures").first().waitFor({ timeout: 90_000 });
  await page.locator(".tab", { hasText: "Suspicious labels: " }).click();
  await view.locator("main[aria-busy=false]").waitFor();
  expect(await view.locator(".notice").count()).toBe(0);
});
