import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DuplicatesResult, SimilarResult } from "../../src/shared/index.ts";
import { commandLine } from "./support/commandLine.ts";
import { cardsIn, findSimilar, openDrawings, pathsIn, similarByCommandLine } from "./support/similarWindow.ts";
import { keepPicture, saveAs, type TestWindow } from "./support/window.ts";

let window: TestWindow;
let query: string;
/** An image outside of the folder. */
let outside: string;
let view: FrameLocator;

beforeAll(async () => {
  const drawings = await openDrawings((target, source, images) => {
    // Copies of what is like the query, and one image in a folder where it does not belong.
    mkdirSync(join(target, "copies"));
    for (const { path } of images.slice(1, 3)) {
      copyFileSync(join(source, path), join(target, "copies", path.replace("/", "-")));
    }
    mkdirSync(join(target, "..", "outside"));
    copyFileSync(join(source, images[3]!.path), join(target, "..", "outside", "outside.png"));
  });
  window = drawings.window;
  query = drawings.images[0]!.path;
  outside = join(window.folder, "..", "outside", "outside.png");
  view = await findSimilar(window, query);
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const cards = (column: string) => cardsIn(view, column);
const paths = (column: string) => pathsIn(view, column);
const similar = (...args: string[]) => similarByCommandLine(window, ...args);
const combinedOf = ({ results }: SimilarResult) => results["combined"]!.map(({ path }) => path);

test("an image in the clipboard becomes the query, and finds itself", async () => {
  const bytes = [...readFileSync(join(window.folder, query))];
  await view.locator("body").evaluate((_, data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(data)], "image.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
  }, bytes);
  await view.locator("h1", { hasText: "pasted-" }).waitFor();
  await expect.poll(async () => (await paths("combined"))[0]).toBe(query);
  expect(await cards("combined").first().locator(".score").textContent()).toBe("1.00");
  await view.locator('button[aria-label^="Back"]').click();
  await window.workbench.results(query);
});

test("a file that is dropped becomes an example; one that is no image is refused with a reason", async () => {
  const drop = (uri: string) =>
    view.locator("body").evaluate((_, text) => {
      const transfer = new DataTransfer();
      transfer.setData("text/uri-list", text);
      document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer }));
    }, uri);
  const { host } = new URL(window.address);
  await drop(`vscode-remote://${host}${outside}`);
  await view.locator(".chip").nth(1).waitFor();
  await expect.poll(() => paths("combined")).toEqual(combinedOf(similar(join(window.folder, query), outside)));
  await drop("file:///etc/hostname");
  await window.workbench.command("Notifications: Show Notifications");
  await window.page.locator(".notifications-center", { hasText: "not an image file" }).waitFor();
  // Another machine is not asked for a file.
  await drop("file://elsewhere/share/image.png");
  await window.page.locator(".notifications-center", { hasText: "is not a file on this machine" }).waitFor();
  await window.page.keyboard.press("Escape");
  await view.locator(".basket button", { hasText: "Clear" }).click();
  await view.locator(".chip").first().waitFor({ state: "detached" });
});

test("several images that are selected in the Explorer are one query", async () => {
  const { workbench } = window;
  const [first, second] = (await paths("combined")).filter((path) => path.startsWith(`${dirname(query)}/`));
  // The editor that the first click opens is revealed in the Explorer a moment later, which ends a selection of several.
  const selectBoth = async () => {
    await workbench.row(first!).click();
    await window.page.locator(".tab.active", { hasText: basename(first!) }).waitFor();
    await workbench.row(second!).click({ modifiers: ["ControlOrMeta"] });
    await window.page.waitForTimeout(500);
    return window.page.locator(".explorer-folders-view .monaco-list-row.selected").count();
  };
  await expect.poll(selectBoth).toBe(2);
  await workbench.contextMenu(workbench.row(second!), "Find Similar Images");
  await expect.poll(() => view.locator(".chip").count()).toBe(2);
  const chips = await view.locator(".chip").evaluateAll((all) => all.map((chip) => chip.getAttribute("data-path")));
  expect(chips.sort()).toEqual([first, second].sort());
  await expect
    .poll(() => paths("combined"), { timeout: 60_000 })
    .toEqual(combinedOf(similar(...chips.map((path) => join(window.folder, path!)))));
});

test("a query is saved under a name and opened again", async () => {
  const { page, workbench } = window;
  const chips = await view.locator(".chip").count();
  await view.locator('button[aria-label^="Save the query"]').click();
  await page.locator(".quick-input-widget input").first().fill("two of a kind");
  await page.keyboard.press("Enter");
  await page.locator(".statusbar-item", { hasText: "saved as two of a kind" }).waitFor();
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  await workbench.results(query);
  await workbench.command("Lookalike: Open Saved Query...");
  await page
    .getByRole("option", { name: /^two of a kind/ })
    .first()
    .click();
  await expect.poll(() => view.locator(".chip").count()).toBe(chips);
  await view.locator('button[aria-label^="Back"]').click();
  await workbench.results(query);
});

test("copies of a picture are one card with their number", async () => {
  const { groups } = commandLine<DuplicatesResult>(window, "duplicates", window.folder);
  expect(groups.length).toBeGreaterThan(0);
  const before = await paths("combined");
  const extra = groups.reduce((sum, { images }) => {
    return sum + Math.max(0, images.filter(({ path }) => before.includes(path)).length - 1);
  }, 0);
  expect(extra).toBeGreaterThan(0);
  await view.getByText("one per picture").click();
  await expect.poll(() => cards("combined").count()).toBe(before.length - extra);
  const marked = await cards("combined").locator(".copies").allInnerTexts();
  expect(marked.reduce((sum, text) => sum + Number(text), 0)).toBe(extra);
  await view.getByText("one per picture").click();
  await expect.poll(() => cards("combined").count()).toBe(before.length);
});

test("results are saved as CSV and as a picture", async () => {
  const { page } = window;
  for (const [entry, ending] of [
    ["Save as CSV", "csv"],
    ["Save as picture", "png"],
  ] as const) {
    await view.locator(".menu summary").click();
    await view.getByRole("menuitem", { name: entry }).click();
    const file = join(window.folder, "..", `export.${ending}`);
    await saveAs(window, file);
    await page.locator(".statusbar-item", { hasText: "saved" }).waitFor();
    if (ending === "png") expect(readFileSync(file).subarray(1, 4).toString()).toBe("PNG");
    else {
      const lines = readFileSync(file, "utf8").trim().split("\r\n");
      expect(lines[0]).toBe("list,rank,path,score,spoc,mac,gem");
      expect(lines).toHaveLength(1 + 4 * 50);
      const first = similar(join(window.folder, query)).results["combined"]![0]!;
      expect(lines.find((line) => line.startsWith("combined,1,"))).toContain(`${first.path},${first.score}`);
    }
  }
});
