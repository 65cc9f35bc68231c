import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { endTrainers, runOf, TrainingHands } from "./support/training.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

/** The adaptation takes at least 64 images, and half of the classes are held out. */
const [CLASSES, ARTISTS] = [24, 6];
/** Classes of the folder that is trained end to end. */
const FEW = 6;

let window: TestWindow;

beforeAll(async () => {
  const { folder, images } = await ensureEmoji({ classes: CLASSES, minArtists: ARTISTS, maxArtists: ARTISTS });
  const few = [...new Set(images.map(({ label }) => label))].slice(0, FEW);
  window = await openWindow({
    fill: async (target) => {
      cpSync(folder, join(target, "many"), { recursive: true });
      for (const label of few) cpSync(join(folder, label), join(target, "few", label), { recursive: true });
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

async function train(folder: string, mode: string): Promise<TrainingHands> {
  const { workbench } = window;
  await workbench.contextMenu(workbench.row(folder), "Train Model");
  const hands = new TrainingHands(workbench.webview());
  await hands.view.locator("h1", { hasText: `images/${folder}` }).waitFor();
  await hands.view.locator(".mode", { hasText: mode }).locator("input").check();
  await hands.ready();
  return hands;
}

let hands: TrainingHands;

test("adapted without labels: no choice of what is not trained, and what it brings", async () => {
  hands = await train("many", "Adapt without labels");
  expect((await hands.counts()).slice(0, 2)).toEqual([String(CLASSES), String(CLASSES * ARTISTS)]);
  for (const key of ["ranking", "margin", "epochs", "lastDownsampling", "batchNorm"])
    await expect.poll(() => hands.view.locator(`#choice-${key}`).count(), { message: key }).toBe(0);
  await hands.button("start").click();
  await hands.stage("done").waitFor({ timeout: 120_000 });
  expect(await hands.view.locator('.devices [data-work="embedding"]').getAttribute("data-used")).toBe("cpu");
  const { events } = runOf(window, "many-whiten");
  const done = events.at(-1);
  if (done?.type !== "done") throw new Error(`ended with ${done?.type}`);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const names = ["spoc", "mac", "gem", "combined"];
  const told = names.map((name) => [done.result.baseline, done.result.trained].map((all) => all[name]!["recall@1"]!));
  expect((await hands.recalls()).map((row) => [row[1], row.at(-2)])).toEqual(told.map((row) => row.map(percent)));
});

test("compare: an example of the test under both models, and nothing is replaced", async () => {
  const { workbench } = window;
  await hands.button("compareModels").click();
  // Two webviews are in sight: leave the one of the comparison.
  await workbench.closeColumn("first");
  const view: FrameLocator = workbench.webview();
  await view.locator(".comparison", { hasText: "Comparing 2 models" }).waitFor({ timeout: 60_000 });
  const list = (model: string) =>
    view
      .locator(`.card[data-column="${model}"][data-path]`)
      .evaluateAll((all) => all.slice(0, 6).map((card) => card.getAttribute("data-path")!));
  // The folder is indexed with each of them, one after the other.
  for (const model of ["mobilenetv2-smg", "many-whiten"]) {
    await expect.poll(async () => (await list(model)).length, { timeout: 120_000 }).toBe(6);
  }
  await keepPicture(window, "training compared");
  const [before, after] = [await list("mobilenetv2-smg"), await list("many-whiten")];
  expect(before).not.toEqual(after);
  // The query is an image of the test; the same file in the other folder, where it is there, comes first in both.
  const query = (await view.locator("header .path").textContent())!.trim().replace(/^images\/many\//, "");
  for (const paths of [before, after]) {
    if (paths.includes(`few/${query}`)) expect(paths[0]).toBe(`few/${query}`);
  }
});

test("end to end on a few images: the layout and batch norm of the paper, with the time it takes", async () => {
  hands = await train("few", "Full");
  expect((await hands.counts()).slice(0, 2)).toEqual([String(FEW), String(FEW * ARTISTS)]);
  await hands.choose("epochs", "1");
  await hands.choose("inputSize", "64");
  await hands.choose("trainFrom", "block_16");
  await hands.view.locator("#choice-lastDownsampling").selectOption("removed");
  await hands.view.locator(".more-choices summary").click();
  await hands.view.locator("#choice-batchNorm").selectOption("of each batch");
  await hands.choose("imagesPerClass", "2");
  await expect.poll(() => hands.button("start").isEnabled(), { timeout: 60_000 }).toBe(true);
  expect(await hands.view.locator(".counts dt", { hasText: "Estimated time" }).count()).toBe(1);
  await keepPicture(window, "training full");
  await hands.button("start").click();
  await hands.stage("done").waitFor({ timeout: 180_000 });
  expect(await hands.view.locator('.devices [data-work="training"]').getAttribute("data-used")).toBe("cpu");
  expect(await hands.recalls()).toHaveLength(4);
  const { folder, events } = runOf(window, "few-full");
  expect(events.filter(({ type }) => type === "step").length).toBeGreaterThan(0);
  const { stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "bin", "lookalike.mjs"), "model", "info", join(folder, "model.onnx"), "--json"],
    { encoding: "utf8" },
  );
  expect(JSON.parse(stdout)).toMatchObject({
    backbone: { lastDownsampling: "removed" },
    input: { width: 64, height: 64 },
    training: { method: "trained end to end", losses: ["triplet", "softmax"], epochs: 1 },
  });
});
