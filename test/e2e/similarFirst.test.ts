/**
 * Find Similar in a folder that was never indexed: a first look at once, marked as such, and the lists of the adapted model in the end.
 * The times are printed; what is asserted is the results. `npm run bench -- first` runs it on a folder of one's own.
 */
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { cardsIn, pathsIn, similarTo, WIDE } from "./support/similarWindow.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

/** A folder with a folder per class; drawings where absent. */
const GIVEN = process.env["LOOKALIKE_FIRST_FOLDER"];
/** Until a folder of this size is indexed on a machine where others work. Milliseconds. */
const PATIENCE = GIVEN === undefined ? 240_000 : 1_800_000;

/** VS Code is busy with its own start for a while after its window is there: seconds that are none of ours. Milliseconds. */
const STARTS = 8_000;

let window: TestWindow;
let query: string;
/** In the folder. */
let images: number;

beforeAll(async () => {
  const source = GIVEN ?? (await ensureEmoji({ classes: 24 })).folder;
  window = await openWindow({ fill: async (folder) => cpSync(source, folder, { recursive: true }) });
  // The first in the Explorer's order: of many folders it draws only those in sight.
  const folders = readdirSync(window.folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const under = folders.map(({ name }) => name).sort((a, b) => a.localeCompare(b))[0]!;
  query = `${under}/${readdirSync(join(window.folder, under)).sort()[0]}`;
  images = folders.flatMap(({ name }) => readdirSync(join(window.folder, name))).length;
  await window.page.setViewportSize(WIDE);
  await window.page.evaluate(() => {
    const host = globalThis as unknown as { released: number };
    document.addEventListener("mouseup", () => (host.released = Date.now()), { capture: true });
  });
  await window.workbench.expand(under);
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

/** When rows of this query were painted, in milliseconds after the click. */
async function painted(view: FrameLocator): Promise<number[]> {
  const released = await window.page.evaluate(() => (globalThis as unknown as { released: number }).released);
  const times = await view.locator("body").evaluate(() => {
    // The clocks of two processes drift apart; that of the machine they share.
    const start = Date.now() - performance.now();
    return performance.getEntriesByName("lookalike:results", "mark").map(({ startTime }) => start + startTime);
  });
  return times.map((time) => time - released);
}

test(
  "a folder that was never indexed: a first look that says so, then the lists of the adapted model",
  async () => {
    const { workbench } = window;
    await sleep(STARTS);
    await workbench.contextMenu(workbench.row(query), "Find Similar Images");
    const view = workbench.webview();
    await view.locator("header .path", { hasText: query }).waitFor();
    await cardsIn(view, "combined").first().waitFor();
    await view.getByText("with the model not adapted to them yet").waitFor();
    const first = await pathsIn(view, "combined");
    expect(first.length).toBeGreaterThan(0);

    // Not by the bar: there is none between the first look and the run.
    await view.getByText(`${images.toLocaleString("en")} images ·`).waitFor({ timeout: PATIENCE });
    await view.locator(".progress").waitFor({ state: "detached", timeout: PATIENCE });
    await view.getByText("with the model not adapted to them yet").waitFor({ state: "detached" });
    const asked = similarTo(window, query);
    expect(asked.model.name).toMatch(/\+adapted$/);
    for (const [column, list] of Object.entries(asked.results)) {
      await expect.poll(() => pathsIn(view, column), { timeout: 10_000 }).toEqual(list.map(({ path }) => path));
    }
    const times = await painted(view);
    expect(times.length).toBeGreaterThan(1);
    console.log(
      `first card ${times[0]!.toFixed(0)} ms after the click, the lists of the adapted model after ${(times.at(-1)! / 1000).toFixed(1)} s`,
    );
  },
  PATIENCE + 60_000,
);
