import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { keepPicture, openWindow, type TestWindow, untilKept } from "./support/window.ts";

let window: TestWindow;
/** In the first folder; other drawings of it are in the second. */
let query: string;
/** By path as the panel shows it: the label of one of the tables; some images have none. */
const kinds = new Map<string, string>();
/** The same picture in both folders, as the panel shows them. */
const pairs: [string, string][] = [];

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
      mkdirSync(join(target, "second", "smaller"));
      for (const [i, { path }] of few.slice(0, 6).entries()) {
        if (i % 2 !== 0) continue;
        const copy = `smaller/${i}.webp`;
        const { width } = await sharp(join(folder, path)).metadata();
        await sharp(join(folder, path))
          .resize(Math.round(0.7 * width))
          .webp({ quality: 80 })
          .toFile(join(target, "second", copy));
        pairs.push([`first/${path}`, `second/${copy}`]);
      }
      // Each folder has a table of its own, in the same place.
      for (const root of ["first", "second"]) {
        const own = few.filter((_, i) => (root === "first") === (i % 2 === 0)).filter((_, i) => i % 5 !== 4);
        for (const [i, { path }] of own.entries()) kinds.set(`${root}/${path}`, `kind ${i % 3}`);
        writeFileSync(
          join(target, root, "labels.csv"),
          ["path,kind", ...own.map(({ path }, i) => `${path},kind ${i % 3}`)].join("\n"),
        );
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

const shown = () =>
  window.workbench
    .webview()
    .locator('.card[data-column="combined"]')
    .evaluateAll((all) => all.map((card) => card.getAttribute("data-path")!));

test("one per picture: copies in another folder go behind the first card of their picture", async () => {
  const view = window.workbench.webview();
  const before = await shown();
  // Of the query's own picture only the copy is in the lists.
  const together = pairs.filter((pair) => pair.every((path) => before.includes(path)));
  expect(together.length).toBe(2);
  await view.getByText("one per picture").click();
  await expect.poll(async () => (await shown()).length).toBe(before.length - together.length);
  const left = await shown();
  for (const pair of together) {
    const [first, other] = pair.sort((a, b) => before.indexOf(a) - before.indexOf(b));
    expect([left.includes(first!), left.includes(other!)]).toEqual([true, false]);
    const card = view.locator(`.card[data-column="combined"][data-path=${JSON.stringify(first)}]`);
    expect(await card.locator(".copies").textContent()).toBe("+1");
  }
  await keepPicture(window, "across one per picture");
  // Other lists, other copies to look for.
  const [copy] = pairs[1]!.filter((path) => left.includes(path));
  await view.locator(`.card[data-column="combined"][data-path=${JSON.stringify(copy)}]`).focus();
  await window.page.keyboard.press("-");
  await view.locator(".chip").nth(1).waitFor();
  await expect.poll(async () => (await shown()).filter((path) => pairs[2]!.includes(path)).length).toBe(1);
  await view.locator(".chip .remove").nth(1).click();
  await view.getByText("one per picture").click();
  await expect.poll(async () => (await shown()).length).toBe(before.length);
});

test("labels of several folders come from each one's own table; the filter asks all of them", async () => {
  const view = window.workbench.webview();
  expect(await view.locator("select.label-source optgroup").count()).toBe(1);
  await view.locator("select.label-source").selectOption({ label: "kind" });
  const own = kinds.get(`first/${query}`);
  const marks = () =>
    view
      .locator('.card[data-column="combined"]')
      .evaluateAll((all) =>
        all.map((card) => [card.getAttribute("data-path"), card.querySelector(".label-mark")?.textContent ?? null]),
      );
  const expected = (paths: readonly string[]) =>
    paths.map((path) => [path, kinds.has(path) ? (kinds.get(path) === own ? "✓" : "✗") : null]);
  await expect.poll(async () => JSON.stringify(await marks()) === JSON.stringify(expected(await shown()))).toBe(true);
  await view.locator(".label-filter summary").click();
  await view
    .locator(".label-filter")
    .getByRole("checkbox", { name: /^kind 1/ })
    .check();
  const all = [...kinds].flatMap(([path, kind]) => (kind === "kind 1" && path !== `first/${query}` ? [path] : []));
  await expect.poll(async () => (await shown()).sort()).toEqual(all.sort());
});
