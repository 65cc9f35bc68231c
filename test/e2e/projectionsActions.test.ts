/** Parameters, stopping, links and what is done with a selection in the projections, in a real VS Code. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { axeProblems, frameOf } from "./support/axe.ts";
import { finishedMaps, pointsAtRest } from "./support/maps.ts";
import { keepPicture, openWindow, saveAs, type TestWindow } from "./support/window.ts";

let window: TestWindow;
let view: FrameLocator;
/** `<emoji>/<artist>.<ending>`; 20 emoji by six artists each. */
let images: string[];

beforeAll(async () => {
  const { folder, images: all } = await ensureEmoji({ classes: 20, minArtists: 6, maxArtists: 6 });
  images = all.map(({ path }) => path);
  window = await openWindow({ fill: async (target) => cpSync(folder, target, { recursive: true }) });
  await window.page.setViewportSize({ width: 1600, height: 1000 });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const header = () => view.locator(".selection h3");
const notice = () => view.locator("header .notice");
const legendRow = (at: number) => view.locator(".legend li button").nth(at);
const ringed = () => view.locator(".plot").first().getAttribute("data-ringed");
const rowOf = (path: string) =>
  view
    .locator("lookalike-projections")
    .evaluate(
      (page, wanted) => (page as HTMLElement & { images: { paths: string[] } }).images.paths.indexOf(wanted),
      path,
    );

test("Stop ends what is under way, says so, and the maps can be made afterwards", async () => {
  await window.workbench.command("Lookalike: Inspect Descriptor Projections");
  view = window.workbench.webview();
  await view.getByRole("button", { name: "Index folder" }).click();
  await view.getByRole("button", { name: "Stop", exact: true }).click();
  await expect.poll(() => notice().textContent(), { timeout: 60_000 }).toContain("Stopped");
  expect(await view.getByRole("button", { name: "Stop", exact: true }).count()).toBe(0);
  await view.getByRole("button", { name: "Make the maps" }).click();
  // Nothing may have been indexed before the stop.
  const again = view.getByRole("button", { name: "Index folder" });
  await expect
    .poll(async () => (await again.count()) + (await view.locator('.maps[aria-busy="false"]').count()), {
      timeout: 90_000,
    })
    .toBeGreaterThan(0);
  if ((await again.count()) > 0) await again.click();
  else await window.workbench.command("Lookalike: Index Folder");
  await expect
    .poll(
      async () => {
        if (await view.getByRole("button", { name: "Make the maps" }).isVisible())
          await view.getByRole("button", { name: "Make the maps" }).click();
        return (await view.locator(".about-images").textContent())?.trim();
      },
      { timeout: 120_000 },
    )
    .toBe(`${images.length} images`);
  await finishedMaps(view);
});

test("parameters: a sample of a part of the folder, with other neighbours; defaults are told", async () => {
  await view.locator(".menu.parameters summary").click();
  const field = (name: string) => view.locator(`.menu.parameters input[name="${name}"]`);
  expect(await field("neighbours").inputValue()).toBe("15");
  expect(await view.locator(".menu.parameters form").textContent()).toContain("0.1 by default");
  await keepPicture(window, "maps parameters");
  await field("neighbours").fill("5");
  await field("minDist").fill("0.5");
  await field("sample").fill("50");
  await view.getByRole("button", { name: "Run" }).click();
  await expect.poll(() => view.locator(".about-images").textContent(), { timeout: 90_000 }).toContain("50 images");
  await finishedMaps(view);
  await view.locator(".menu.parameters summary").click();
  expect(await field("neighbours").inputValue()).toBe("5");
  await field("sample").fill("");
  await field("under").fill(images[0]!.split("/")[0]!);
  await view.getByRole("button", { name: "Run" }).click();
  await expect.poll(() => view.locator(".about-images").textContent(), { timeout: 90_000 }).toContain("6 images");
  await finishedMaps(view);
  await view.locator(".menu.parameters summary").click();
  await field("under").fill("nowhere");
  await view.getByRole("button", { name: "Run" }).click();
  await expect.poll(() => notice().textContent(), { timeout: 60_000 }).toContain("No indexed image lies under nowhere");
  await window.workbench.command("Lookalike: Inspect Descriptor Projections");
  await expect
    .poll(() => view.locator(".about-images").textContent(), { timeout: 90_000 })
    .toContain(`${images.length} images`);
  await finishedMaps(view);
});

test("the menu of a selection: paths are copied, labels written into a file, coordinates exported", async () => {
  const { page, workbench } = window;
  await legendRow(0).click();
  await expect.poll(() => header().textContent()).toBe("6 selected");
  const paths = await view
    .locator(".selection .thumbnail")
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-path")!));
  await workbench.contextMenu(view.locator(".selection .thumbnail").first(), "Label the Selection");
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  await input.fill("favourite");
  await page.keyboard.press("Enter");
  await page
    .getByRole("option", { name: /labels\.csv/ })
    .first()
    .click();
  const file = join(window.folder, "labels.csv");
  await expect.poll(() => existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8").trim().split("\r\n")).toEqual([
    "path,label",
    ...paths.map((path) => `${path},favourite`),
  ]);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await view.getByRole("button", { name: "Copy paths" }).click();
  await page.locator(".statusbar-item", { hasText: "6 paths copied" }).waitFor();
  await view.getByRole("button", { name: "Export selection..." }).click();
  const target = join(window.folder, "chosen.csv");
  await saveAs(window, target);
  expect(
    readFileSync(target, "utf8")
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",")[0]),
  ).toEqual(paths);
});

test("the image in an editor, and the query of the similar panel with its results, have rings in all maps", async () => {
  const { page, workbench } = window;
  const path = images[0]!;
  const [folder] = path.split("/");
  await workbench.expand(folder!);
  await workbench.row(path).dblclick();
  await workbench.tab(path).waitFor();
  await page.locator(".tab", { hasText: "Projections: images" }).first().click();
  // In the same column the maps hide the image again; beside them it stays in sight.
  await view.locator(".plot").first().waitFor();
  await view.locator(".search input").fill(path);
  await view.locator(".search input").press("Enter");
  await view.locator(".search input").fill("");
  await view.getByRole("button", { name: "Open", exact: true }).click();
  await expect.poll(() => page.locator(".editor-group-container").count()).toBe(2);
  const row = String(await rowOf(path));
  await expect.poll(ringed).toBe(row);
  await view.getByRole("button", { name: "Find similar" }).click();
  await page.locator(".tab", { hasText: "Similar: " }).waitFor();
  const maps = workbench.page
    .frameLocator('iframe.webview.ready[src*="extensionId=lookalike.lookalike"] >> nth=0')
    .frameLocator("iframe#active-frame");
  await expect
    .poll(
      async () =>
        (
          await maps
            .locator(".plot")
            .first()
            .getAttribute("data-ringed")
            .catch(() => "")
        )?.split(" ").length,
      { timeout: 60_000 },
    )
    .toBeGreaterThan(10);
  await keepPicture(window, "maps rings");
});

test("light, dark and high contrast, narrow and wide, without accessibility problems", async () => {
  const { page, workbench } = window;
  const columns = page.locator(".editor-group-container");
  // An image and the similar panel share a column, or have one each: whichever was active when it was opened.
  while ((await columns.count()) > 1) {
    const before = await page.locator(".tab").count();
    await columns.last().locator('.tab[aria-selected="true"] .codicon-close-small').click();
    await expect.poll(() => page.locator(".tab").count()).toBeLessThan(before);
    await expect.poll(() => columns.filter({ hasNot: page.locator(".tab") }).count()).toBe(0);
  }
  view = workbench.webview();
  await view.locator(".plot").first().waitFor();
  await legendRow(1).click();
  await view.locator("select.colour").selectOption({ label: "What moved" });
  await view.locator(".moved .thumbnail img").first().waitFor();
  for (const theme of ["light", "dark", "high-contrast"] as const) {
    await workbench.theme(theme);
    await view.locator(`body.vscode-${theme}`).waitFor();
    // Structure differs by width, and not by theme.
    const narrow = theme === "light";
    for (const width of narrow ? [760, 1440] : [1440]) {
      await page.setViewportSize({ width, height: 900 });
      await pointsAtRest(view);
      expect(await axeProblems(await frameOf(view.locator("body"))), `${theme} ${width}`).toEqual([]);
      await keepPicture(window, `maps ${theme} ${width}`);
    }
  }
});
