/** The larger view of one image: by itself in a bare browser, and as the editor of a TIFF in a real VS Code. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { asked, notify, openPage } from "./support/pageHarness.ts";
import { keepPicture, openWindow } from "./support/window.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const shownWidth = (page: Page) => page.locator("img").evaluate((image) => (image as HTMLImageElement).width);

test("an image zooms by keys, buttons and the wheel, stops at its actual size, and is asked for larger when it needs it", async () => {
  const page = await openPage(browser, "picture", { ready: { name: "scan.tif" } });
  const stage = page.locator(".stage");
  await stage.waitFor();
  // 80 pixels wide, as the harness answers.
  expect(await shownWidth(page)).toBe(80);
  expect(await page.locator("img").getAttribute("alt")).toBe("scan.tif");
  await stage.focus();
  await page.keyboard.press("+");
  expect(await shownWidth(page)).toBe(100);
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  expect(await shownWidth(page)).toBe(64);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("button", { name: "Zoom in" }).click();
  expect(await page.locator("output").textContent()).toBe("125 %");
  await page.keyboard.press("0");
  await stage.focus();
  await page.keyboard.down("Control");
  await page.mouse.move(700, 400);
  await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  await expect.poll(() => shownWidth(page)).toBe(100);
  await stage.focus();
  await page.keyboard.press("1");
  expect(await shownWidth(page)).toBe(80);
  const before = (await asked(page, "thumbnail")).length;
  await notify(page, "changed", {});
  await expect.poll(async () => (await asked(page, "thumbnail")).length).toBe(before + 1);
  await page.close();
});

test("a TIFF among the results opens in the view, and its title has the button", async () => {
  const window = await openWindow({
    fill: async (folder) => {
      for (const [name, background] of [
        ["red.tif", "#c22"],
        ["pink.tif", "#d33"],
      ] as const) {
        const image = sharp({ create: { width: 300, height: 200, channels: 3, background } });
        await image.tiff().toFile(join(folder, name));
      }
    },
  });
  try {
    const { workbench, page } = window;
    await workbench.contextMenu(workbench.row("red.tif"), "Find Similar Images");
    const lists = await workbench.results("red.tif");
    await lists.locator('.card[data-column="combined"]').first().dblclick();
    await workbench.tab("pink.tif").waitFor();
    // The newer one of our two pages.
    const ours = page.frameLocator('iframe.webview.ready[src*="extensionId=lookalike.lookalike"]').last();
    const view = ours.frameLocator("iframe#active-frame");
    await view.locator(".stage img").waitFor();
    expect(await view.locator(".bar .quiet").textContent()).toBe("300 × 200");
    await keepPicture(window, "picture");
    // Its title has the button, which asks the panel that is open already.
    const button = '.editor-group-container.active .editor-actions [aria-label^="Find Similar"]';
    await page.locator(button).first().click();
    await page.locator('.tab[aria-label^="Similar: pink.tif"]').first().waitFor();
  } catch (error) {
    await keepPicture(window, "picture failed");
    throw error;
  } finally {
    await window.close();
  }
}, 180_000);
