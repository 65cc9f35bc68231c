import { cpSync, existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { runsFolder, TrainingHands } from "./support/training.ts";
import { keepPicture, openWindow, type TestWindow, trustFolder } from "./support/window.ts";

let window: TestWindow;

beforeAll(async () => {
  const { folder } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
  window = await openWindow({ trust: true, fill: async (target) => cpSync(folder, target, { recursive: true }) });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

test("Restricted Mode: no image is read and nothing starts, the panel says why; trusting the folder goes on", async () => {
  const { workbench } = window;
  await workbench.command("Lookalike: Train Model...");
  await workbench.pick("Folders of images");
  await workbench.pick("Head");
  const hands = new TrainingHands(workbench.webview());
  const notice = hands.view.locator(".notice", { hasText: "not trusted, so nothing is trained on its images" });
  await notice.waitFor({ timeout: 60_000 });
  expect(await hands.button("start").isDisabled()).toBe(true);
  expect(await hands.view.locator(".counts").count()).toBe(0);
  expect(existsSync(runsFolder(window))).toBe(false);
  await keepPicture(window, "training restricted");

  await notice.getByRole("button", { name: "Manage workspace trust" }).click();
  await trustFolder(window);
  await hands.ready();
  await notice.waitFor({ state: "detached" });
  expect((await hands.counts()).slice(0, 2)).toEqual(["6", "24"]);
  expect(await hands.button("start").isEnabled()).toBe(true);
});
