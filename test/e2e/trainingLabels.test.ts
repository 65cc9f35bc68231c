import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { endTrainers, runOf, TrainingHands } from "./support/training.ts";
import { chooseFile, keepPicture, openWindow, type TestWindow } from "./support/window.ts";

/** Classes, images of each; the first classes are for the test. */
const [CLASSES, ARTISTS, HELD] = [10, 5, 4];

let window: TestWindow;

/** All images lie in one folder: nothing but the file says what is what. */
beforeAll(async () => {
  const { folder, images } = await ensureEmoji({ classes: CLASSES, minArtists: ARTISTS, maxArtists: ARTISTS });
  const labels = [...new Set(images.map(({ label }) => label))];
  window = await openWindow({
    name: "pool",
    fill: async (target) => {
      mkdirSync(join(target, "all"));
      const rows = images.map(({ path, label }, i) => {
        const name = `all/${i}.${path.split(".").at(-1)}`;
        copyFileSync(join(folder, path), join(target, name));
        return `${name},${i % 3},"the ${label}",${labels.indexOf(label) < HELD ? "test" : "train"}`;
      });
      const lines = ["path,shelf,kind,split", ...rows, "all/gone.png,0,nothing,train"];
      writeFileSync(join(target, "labels.csv"), lines.join("\n"));
    },
  });
  await window.page.setViewportSize({ width: 1600, height: 1000 });
});
afterAll(async () => {
  endTrainers(window);
  await window?.close();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

test("a labels file says classes and split, by the column that is chosen; its rows that match nothing are named", async () => {
  const { workbench } = window;
  await workbench.command("Lookalike: Train Model...");
  const hands = new TrainingHands(workbench.webview());
  await hands.view.getByRole("button", { name: "Labels file..." }).click();
  await window.page.locator(".quick-input-title", { hasText: "Labels of the images" }).waitFor();
  await chooseFile(window, join(window.folder, "labels.csv"));
  await window.page.locator(".quick-input-title", { hasText: "Column of labels in labels.csv" }).waitFor();
  const columns = window.page.locator(".quick-input-list .monaco-list-row");
  expect(await columns.allInnerTexts()).toEqual(["shelf", "kind"]);
  await columns.filter({ hasText: "kind" }).click();
  await hands.view.locator(".source .name", { hasText: "labels.csv, column kind" }).waitFor({ timeout: 60_000 });
  await hands.ready();
  expect(await hands.view.locator(".source .name").textContent()).toContain("labels.csv");
  expect((await hands.counts()).slice(0, 4)).toEqual([
    String(CLASSES),
    String(CLASSES * ARTISTS),
    `${(CLASSES - HELD) * ARTISTS} images, ${CLASSES - HELD} classes`,
    `${HELD * ARTISTS} images, ${HELD} classes`,
  ]);
  expect((await hands.view.locator(".warnings li").allInnerTexts()).join()).toContain("all/gone.png");

  await hands.choose("epochs", "2");
  await expect.poll(() => hands.button("start").isEnabled(), { timeout: 60_000 }).toBe(true);
  await hands.button("start").click();
  await hands.stage("done").waitFor({ timeout: 180_000 });
  const { events } = runOf(window, "pool-head");
  const done = events.at(-1);
  if (done?.type !== "done") throw new Error(`ended with ${done?.type}`);
  const combined = (await hands.recalls()).at(-1)!;
  expect(combined[1]).toBe(`${(100 * done.result.baseline["combined"]!["recall@1"]!).toFixed(1)} %`);
  expect(combined).toContain(`${(100 * done.result.trained["combined"]!["recall@1"]!).toFixed(1)} %`);
  // What is shown are images of the test, with the labels of the file.
  const labels = await hands.view.locator(".example .label").allInnerTexts();
  expect(labels.length).toBeGreaterThan(0);
  expect(labels.every((label) => label.startsWith("the "))).toBe(true);
});
