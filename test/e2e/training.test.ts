import { spawnSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/lib/paths.mjs";
import type { THEMES } from "../../scripts/lib/workbench.ts";
import type { SimilarResult } from "../../src/shared/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { axeProblems, frameOf } from "./support/axe.ts";
import { endTrainers, runsFolder, TrainingHands, trainers } from "./support/training.ts";
import { keepPicture, openWindow, type TestWindow, untilKept } from "./support/window.ts";

const CLASSES = 24;
const ARTISTS = 6;
/** More than a test waits for: it ends by a click on Stop. */
const EPOCHS = 10_000;
const MODEL = "images-head";

let window: TestWindow;
let view: FrameLocator;
/** `<emoji>/<artist>.<ending>`. */
let images: string[];

beforeAll(async () => {
  const { folder, images: all } = await ensureEmoji({ classes: CLASSES, minArtists: ARTISTS, maxArtists: ARTISTS });
  images = all.map(({ path }) => path);
  window = await openWindow({ fill: async (target) => cpSync(folder, target, { recursive: true }) });
  await window.page.setViewportSize({ width: 1600, height: 1000 });
});
afterAll(async () => {
  endTrainers(window);
  await window?.close();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

/** A loaded machine takes its time. */
const PATIENT = { timeout: 60_000 };
const heldOut = () => view.locator(".counts dd").nth(3).textContent();
const button = (action: string) => new TrainingHands(view).button(action);
const stage = (name: string) => new TrainingHands(view).stage(name);
const figure = async (name: string) =>
  view
    .locator(".figures div", { has: view.getByText(name, { exact: true }) })
    .locator("dd")
    .textContent();
const epoch = async () => Number((await figure("Epoch"))!.replaceAll(/\D/g, ""));

/** What axe finds wrong with the page. */
async function problems(): Promise<string[]> {
  return axeProblems(await frameOf(view.locator("body")), "lookalike-training");
}

function commandLine(...args: string[]): string {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, "bin", "lookalike.mjs"), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...window.env },
  });
  return stdout;
}

test("the palette opens the panel, which counts the data before anything starts", async () => {
  const { workbench } = window;
  await workbench.command("Lookalike: Train Model...");
  view = workbench.webview();
  await view.locator(".stage", { hasText: "Ready" }).waitFor({ timeout: 90_000 });
  const counts = await view.locator(".counts dd").allInnerTexts();
  expect(counts.slice(0, 2)).toEqual([String(CLASSES), String(CLASSES * ARTISTS)]);
  expect(counts.slice(2, 4)).toEqual([`${(CLASSES / 2) * ARTISTS} images, 12 classes`, "72 images, 12 classes"]);
  expect(trainers(window)).toEqual([]);
  await view.locator("#choice-split").selectOption("images of every class");
  await expect.poll(heldOut, PATIENT).toBe("72 images, 24 classes");
  await view.locator("#choice-split").selectOption("whole classes");
  await expect.poll(heldOut, PATIENT).toBe("72 images, 12 classes");
  await view.locator("#choice-epochs").fill(String(EPOCHS));
  await view.locator("#choice-epochs").press("Tab");
});

test("it trains, with live curves against the baseline and examples, and pauses", async () => {
  await expect.poll(() => button("start").isEnabled(), PATIENT).toBe(true);
  // A click in the moment in which the page begins to count again is none.
  const started = async () => {
    if (!(await stage("running").isVisible()))
      await button("start")
        .click({ timeout: 5_000 })
        .catch(() => {});
    return stage("running").isVisible();
  };
  await expect.poll(started, PATIENT).toBe(true);
  // A level line has no height, so it does not count as visible.
  await view.locator(".recall .reference").nth(3).waitFor({ state: "attached", timeout: 120_000 });
  await expect.poll(epoch, { timeout: 120_000 }).toBeGreaterThan(2);
  await view.locator(".loss .line").nth(2).waitFor({ state: "attached" });
  await view.locator(".examples img").nth(5).waitFor({ timeout: 60_000 });
  expect(await view.locator(".recalls tbody tr").count()).toBe(4);
  await button("pause").click();
  await stage("paused").waitFor({ timeout: 60_000 });
  expect(trainers(window)).toHaveLength(1);
});

test("no theme has accessibility problems", async () => {
  await view.locator(".chosen > summary").click();
  for (const theme of ["dark", "high-contrast", "light"] as const satisfies (keyof typeof THEMES)[]) {
    await window.workbench.theme(theme);
    await view.locator(`body.vscode-${theme}`).waitFor();
    expect(await problems(), theme).toEqual([]);
    await keepPicture(window, `training ${theme}`);
  }
});

test("the training outlives a reload of the window, goes on, and stops with the best", async () => {
  const before = await epoch();
  // VS Code in a browser writes its state down when it changes; while a page has the focus, it may not.
  await window.workbench.row(dirname(images.at(-1)!)).click();
  await untilKept(window, `"run":"${readdirSync(runsFolder(window))[0]}"`);
  const [pid] = trainers(window);
  await window.page.reload();
  view = window.workbench.webview();
  await stage("paused").waitFor({ timeout: 90_000 });
  expect(await epoch()).toBe(before);
  expect(trainers(window)).toEqual([pid]);
  await button("resume").click();
  await expect.poll(epoch, PATIENT).toBeGreaterThan(before);
  await button("stop").click();
  await stage("done").waitFor({ timeout: 60_000 });
  expect(await view.locator(".stage").textContent()).toMatch(
    /^Done: Recall@1 of combined from [\d.]+ % \(\d+ to \d+\) to [\d.]+ % \(\d+ to \d+\), 72 queries: too few to tell$/,
  );
  await expect.poll(() => trainers(window), PATIENT).toEqual([]);
});

test("the model is used when the user says so, and finds similar images", async () => {
  const { workbench, page } = window;
  const [query] = images;
  expect(commandLine("model", "list", "--json")).not.toContain(MODEL);
  await button("use").click();
  await view.locator(".notice", { hasText: `${MODEL} is used` }).waitFor({ timeout: 120_000 });
  await keepPicture(window, "training used");
  await workbench.expand(dirname(query!));
  await workbench.contextMenu(workbench.row(query!), "Find Similar Images");
  await page.locator(".tab", { hasText: "Similar: " }).waitFor();
  // Two webviews are in sight: leave the similar one.
  await workbench.closeColumn("first");
  const similar = await workbench.results(query!);
  const found = await similar
    .locator('.card[data-column="combined"]')
    .evaluateAll((all) => all.slice(0, 10).map((card) => card.getAttribute("data-path")));
  const told = JSON.parse(
    commandLine("similar", join(window.folder, query!), "--in", window.folder, "-k", "10", "--json"),
  ) as SimilarResult;
  expect(told.model.name).toBe(MODEL);
  expect(found).toEqual(told.results["combined"]!.map(({ path }) => path));
});
