import { cpSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { runTool } from "../../scripts/lib/run.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

const TARGET = `${process.platform}-${process.arch}`;
let window: TestWindow;
/** `<emoji>/<artist>.<ending>` of the query. */
let query: string;
let count: number;

beforeAll(async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(runTool("scripts/package.ts", ["--target", TARGET, "--built"])).toBe(true);
  const { folder, images } = await ensureEmoji({ classes: 16 });
  const some = images.slice(0, 20).map(({ path }) => path);
  query = some[0]!;
  count = some.length;
  window = await openWindow({
    vsix: join(ROOT, "out", `lookalike-${TARGET}-${version}.vsix`),
    fill: async (target) => {
      for (const path of some) cpSync(join(folder, path), join(target, path));
    },
  });
  await window.page.setViewportSize({ width: 1920, height: 1000 });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

test("the package has native parts for its platform only, and nothing that only building needs", () => {
  const files = readdirSync(join(ROOT, "out", "package"), { recursive: true, encoding: "utf8" });
  const natives = files.filter((path) => path.endsWith(".node")).map((path) => path.replaceAll("\\", "/"));
  expect(natives.filter((path) => !path.includes(TARGET) && !path.includes(TARGET.replace("-", "/")))).toEqual([]);
  // onnxruntime, better-sqlite3, sharp, usearch.
  expect(natives).toHaveLength(4);
  expect(files.filter((path) => /\.(map|key|ts|d\.[cm]ts|vsix)$/.test(path))).toEqual([]);
});

test("an installed package finds similar images: four lists, with their thumbnails", async () => {
  const { workbench, page } = window;
  await workbench.expand(dirname(query));
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  const view = await workbench.results(query);
  for (const column of ["spoc", "mac", "gem", "combined"]) {
    const cards = view.locator(`.card[data-column="${column}"]`);
    await expect.poll(() => cards.count(), { timeout: 60_000 }).toBe(count - 1);
    const width = () =>
      cards
        .first()
        .locator("img")
        .evaluate((image) => (image as HTMLImageElement).naturalWidth);
    await expect.poll(width).toBeGreaterThan(0);
  }
  await page
    .locator(".statusbar-item", { hasText: `${count} images` })
    .first()
    .waitFor();
});
