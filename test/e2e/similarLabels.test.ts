/** Labels from a column of a table, in a real VS Code: the similar panel, the review of labels, the maps. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { LabelsResult } from "../../src/shared/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { commandLine } from "./support/commandLine.ts";
import { finishedMaps, openMaps } from "./support/maps.ts";
import { chooseFile, keepPicture, openIndexed, type TestWindow, untilKept } from "./support/window.ts";

let window: TestWindow;
let view: FrameLocator;
let query: string;
/** What labels.csv says, by path. */
let kinds: Map<string, string>;
let labels: string;
/** Not beside the images. */
let elsewhere: string;

beforeAll(async () => {
  const drawings = await ensureEmoji({ classes: 12, minArtists: 6, maxArtists: 6 });
  const { images } = drawings;
  query = images[0]!.path;
  const artist = (path: string) => path.split("/")[1]!.split(".")[0]!;
  // The second image of each class has no row.
  kinds = new Map(images.filter((_, i) => i % 6 !== 1).map(({ path }) => [path, artist(path)]));
  window = await openIndexed(drawings, (target) => {
    labels = join(target, "labels.csv");
    const rows = [...kinds].map(([path, kind], i) => `${path},${kind},${i}`);
    writeFileSync(labels, ["path,kind,order", ...rows, 'gone.png,"x,1'].join("\n"));
    elsewhere = join(target, "..", "more.csv");
    writeFileSync(
      elsewhere,
      ["path,half", ...images.map(({ path }, i) => `${path},${i % 2 ? "odd" : "even"}`)].join("\n"),
    );
  });
  await window.page.setViewportSize({ width: 1920, height: 1000 });
  await window.workbench.expand(dirname(query));
  await window.workbench.contextMenu(window.workbench.row(query), "Find Similar Images");
  view = await window.workbench.results(query);
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const cards = (column = "combined") => view.locator(`.card[data-column="${column}"]`);
const marks = () =>
  cards().evaluateAll((all) =>
    all.map((card) => [
      card.getAttribute("data-path"),
      card.querySelector(".label-mark")?.getAttribute("aria-label") ?? null,
    ]),
  );
/** What the marks have to be, by the file that was written. */
const expected = (paths: readonly (string | null)[]) =>
  paths.map((path) => {
    const kind = kinds.get(path ?? "");
    return [path, kind === undefined ? null : kind === kinds.get(query) ? "same label" : "other label"];
  });
const rightlyMarked = async () => {
  const shown = await marks();
  return shown.length > 0 && JSON.stringify(shown) === JSON.stringify(expected(shown.map(([path]) => path!)));
};
const source = () => view.locator("select.label-source");
const chosen = () => source().locator("option:checked").textContent();

test("a column of a table beside the images marks each result; what does not fit is counted and named", async () => {
  await source().selectOption({ label: "kind" });
  await expect.poll(rightlyMarked).toBe(true);
  const counts = new Set((await marks()).map(([, mark]) => mark));
  expect(counts).toEqual(new Set(["same label", "other label", null]));
  await expect
    .poll(() => view.locator(".filter-notes").textContent())
    .toMatch(new RegExp(`${kinds.size} of 72 images.*1 \\(gone.png\\).*1 \\(${kinds.size + 2}\\)`, "s"));
  const [, tally] = /(\d+)\/\d+/.exec((await view.locator('.head[data-column="combined"] .tally').textContent())!)!;
  expect(Number(tally)).toBe((await marks()).filter(([, mark]) => mark === "same label").length);
  await keepPicture(window, "similar labels");
});

test("a filter on a label leaves its images alone, in every list, and all of them", async () => {
  const other = [...new Set(kinds.values())].find((kind) => kind !== kinds.get(query))!;
  await view.locator(".label-filter summary").click();
  await view
    .locator(".label-filter")
    .getByRole("checkbox", { name: new RegExp(`^${other}`) })
    .check();
  const ticked = view.locator(".label-filter input:checked");
  const all = [...kinds].flatMap(([path, kind]) => (kind === other ? [path] : [])).sort();
  for (const column of ["spoc", "mac", "gem", "combined"]) {
    await expect
      .poll(() => cards(column).evaluateAll((found) => found.map((card) => card.getAttribute("data-path")!).sort()))
      .toEqual(all);
  }
  expect(await ticked.count()).toBe(1);
  await keepPicture(window, "similar label filter");
});

test("labels and filter outlive a reload", async () => {
  const before = await marks();
  await untilKept(window, '"column":"kind"');
  await untilKept(window, '"filter":{"labels":');
  await window.page.reload();
  view = window.workbench.webview();
  await cards().first().locator("img").waitFor({ timeout: 90_000 });
  await expect.poll(chosen).toContain("kind");
  await expect.poll(marks).toEqual(before);
  await view.locator(".filters").getByRole("button", { name: "Show all" }).click();
  await expect.poll(async () => (await marks()).length).toBeGreaterThan(before.length);
  await expect.poll(rightlyMarked).toBe(true);
  // One card per label: each artist once, and each image that has none.
  await view.getByLabel("one per label").check();
  await expect
    .poll(async () => (await marks()).flatMap(([path]) => kinds.get(path!) ?? []).sort())
    .toEqual([...new Set(kinds.values())].sort());
  await view.getByLabel("one per label").uncheck();
});

test("the next query of the folder begins with the same labels, and Find Suspicious Labels takes them", async () => {
  const { workbench } = window;
  await workbench.closeTab("Similar: ");
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  view = await workbench.results(query);
  await expect.poll(chosen).toContain("kind");
  await workbench.closeTab("Similar: ");
  await workbench.command("Lookalike: Find Suspicious Labels");
  await view.locator("h1", { hasText: "Suspicious labels" }).waitFor();
  await view.locator('main[aria-busy="false"]').waitFor({ timeout: 60_000 });
  await expect.poll(chosen).toContain("kind");
  const listed = () => view.locator("tbody tr").evaluateAll((all) => all.map((row) => row.getAttribute("data-path")));
  const told = (...args: string[]) =>
    commandLine<LabelsResult>(window, "labels", window.folder, ...args).suspicious.map(({ path }) => path);
  await expect.poll(listed).toEqual(told("--labels", labels, "--column", "kind"));
  await keepPicture(window, "suspicious labels of a column");
  await source().selectOption({ label: "Folder" });
  await expect.poll(listed).toEqual(told());
  await source().selectOption({ label: "kind" });
  await expect.poll(listed).toEqual(told("--labels", labels, "--column", "kind"));
  await workbench.closeTab("Suspicious labels: ");
});

test("a table that vanishes is told of, results stay, and it is taken again once it is back", async () => {
  const { workbench } = window;
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  view = await workbench.results(query);
  await expect.poll(rightlyMarked).toBe(true);
  const text = readFileSync(labels);
  rmSync(labels);
  const again = () => view.locator('input[data-branch="mac"]').press("ArrowRight");
  await again();
  await expect.poll(() => view.locator(".problem").textContent()).toMatch(/labels\.csv: the file is gone/);
  expect((await marks()).every(([, mark]) => mark === null)).toBe(true);
  writeFileSync(labels, text);
  await again();
  await expect.poll(() => view.locator(".problem").count()).toBe(0);
  await expect.poll(rightlyMarked).toBe(true);
});

test("a table that was chosen by hand for the maps is there after a reload, and in the similar panel", async () => {
  const { workbench, page } = window;
  await workbench.closeTab("Similar: ");
  view = await openMaps(window);
  await view.locator("select.colour").selectOption({ label: "A table..." });
  await chooseFile(window, elsewhere);
  const title = () => view.locator(".legend h3").textContent();
  const halves = () => view.locator(".legend li .text").allInnerTexts();
  await expect.poll(title).toBe("half");
  await expect.poll(async () => (await halves()).sort()).toEqual(["even", "odd"]);
  // What the workspace remembers, and the panel itself.
  await untilKept(window, '"colour":{"kind":"table"');
  await untilKept(window, '"under":"","selection":[');
  await page.reload();
  view = workbench.webview();
  await finishedMaps(view);
  await expect.poll(title).toBe("half");
  await expect.poll(async () => (await halves()).sort()).toEqual(["even", "odd"]);
  expect(await view.locator("select.colour option:checked").textContent()).toContain("half");
  // Closed and opened anew, the folder's maps have the same colours.
  await workbench.closeTab("Projections: ");
  view = await openMaps(window);
  await expect.poll(title).toBe("half");
  await workbench.closeTab("Projections: ");
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  view = await workbench.results(query);
  expect(await source().locator("option").allInnerTexts()).toContain("half");
});
