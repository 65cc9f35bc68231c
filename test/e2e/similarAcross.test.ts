import { cpSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { keepPicture, openWindow, type TestWindow, untilKept } from "./support/window.ts";

let window: TestWindow;
/** In the first folder; other drawings of it are in the second. */
let query: string;

beforeAll(async () => {
  const { folder, images } = await ensureEmoji({ classes: 16 });
  const classes = [...new Set(images.map(({ label }) => label))].slice(0, 4);
  const few = images.filter(({ label }) => classes.includes(label));
  query = few[0]!.path;
  window = await openWindow({
    roots: ["first", "second"],
    async fill(target) {
      for (const [i, { path }] of few.entries()) {
        const copy = join(target, i % 2 === 0 ? "first" : "second", path);
        mkdirSync(dirname(copy), { recursive: true });
        cpSync(join(folder, path), copy);
      }
    },
  });
  await window.page.setViewportSize({ width: 1920, height: 1000 });
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

test("all folders of the window: indexed on demand, searched, explained, opened, and kept over a reload", async () => {
  const { workbench, page } = window;
  await workbench.expand("first");
  await workbench.expand(`first/${dirname(query)}`);
  await workbench.contextMenu(workbench.row(`first/${query}`), "Find Similar in All Folders");
  const view = workbench.webview();
  await view.locator(".notice", { hasText: "first, second" }).waitFor();
  await view.getByRole("button", { name: "Index folder" }).click();
  const of = (root: string) => view.locator(`.card[data-column="combined"][data-path^="${root}/"]`);
  for (const root of ["first", "second"]) await of(root).first().locator("img").waitFor({ timeout: 90_000 });
  await expect.poll(() => view.locator('.scope [aria-pressed="true"]').textContent()).toBe("All folders");

  const card = of("second").first();
  const path = (await card.getAttribute("data-path"))!;
  await card.click();
  await view.locator(".why figure[data-branch] canvas").first().waitFor();
  expect(await view.locator(".why-problem").count()).toBe(0);
  await card.dblclick();
  await page.locator(`.tab[data-resource-name=${JSON.stringify(basename(path))}]`).waitFor();

  await view.getByRole("button", { name: "This folder" }).click();
  await expect.poll(() => of("second").count(), { timeout: 60_000 }).toBe(0);
  await view
    .locator(`.card[data-path^="${dirname(query)}/"]`)
    .first()
    .waitFor();
  await view.getByRole("button", { name: "All folders" }).click();
  await of("second").first().waitFor();
  await untilKept(window, '"across":true');
  await page.reload();
  await of("second").first().waitFor({ timeout: 90_000 });
  expect(await view.locator('.scope [aria-pressed="true"]').textContent()).toBe("All folders");
});
