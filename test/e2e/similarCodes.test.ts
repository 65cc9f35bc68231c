/** A real VS Code on an index of more than 200 MB, which its engine holds as codes of eight bits: every list is that of all float32 vectors. */
import { copyFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { wayToHold } from "../../src/core/folder/heldImages.ts";
import { insideOf } from "../../src/core/folder/queryParts.ts";
import { indexFile } from "../../src/core/index/index.ts";
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import { readModelFile } from "../../src/core/model/index.ts";
import { ExactSearch, Gallery, keepKindsTogether, REORDERED } from "../../src/core/search/index.ts";
import { branchShares, COMBINED } from "../../src/shared/index.ts";
import { fillIndexedFolder } from "./support/indexedFolder.ts";
import { cardsIn, findSimilar, pathsIn, similarByCommandLine, WIDE } from "./support/similarWindow.ts";
import { indexesBeside, keepPicture, openWindow, type TestWindow } from "./support/window.ts";

/** 4,480 values each: 215 MB. */
const IMAGES = 12_000;
const K = 50;

let window: TestWindow;
let view: FrameLocator;
let images: readonly string[];
let search: ExactSearch;
let branches: readonly string[];
let whole: Gallery;

beforeAll(async () => {
  window = await openWindow({
    fill: async (folder) => {
      images = await fillIndexedFolder(folder, indexesBeside(folder), IMAGES);
    },
  });
  await window.page.setViewportSize(WIDE);
  const { manifest, fingerprint } = await readModelFile(ensureDefaultModel());
  const dims = manifest.descriptors.map(({ dim }) => dim);
  branches = manifest.descriptors.map(({ name }) => name);
  search = await ExactSearch.create(dims.length);
  whole = new Gallery(dims, IMAGES);
  const file = indexFile(indexesBeside(window.folder), window.folder, fingerprint);
  const identity = { folder: window.folder, fingerprint, dim: dims.reduce((sum, dim) => sum + dim, 0) };
  const store = openSqliteStore(file, identity, () => {});
  for await (const { path, embedding } of store.embeddings()) whole.set(path, embedding);
  expect(wayToHold(IMAGES, dims, {})).toBe("codes");
  await store.close();
  view = await findSimilar(window, images[20]!);
}, 240_000);
afterAll(async () => {
  await search?.release();
  await window?.close();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

interface Asked {
  readonly weights?: Readonly<Record<string, number>>;
  readonly under?: string;
  readonly k?: number;
}

/** The lists of an indexed image, worked out here over all vectors. */
async function listsOf(query: string, { weights = {}, under, k = K }: Asked = {}) {
  const row = whole.rowOf(query)!;
  const shares = Object.values(branchShares(branches, weights));
  const options = { shares, without: [row], within: insideOf(whole, under) };
  const result = await search.run(whole.branches(row), whole, k, options);
  const named = result.map(({ top, scores }) =>
    top.map((found) => ({ path: whole.pathOf(found), score: scores[found]! })),
  );
  return Object.fromEntries([...branches, COMBINED].map((column, c) => [column, named[c]!]));
}

/** Combined with kinds put together, worked out here likewise. */
async function kindsOf(query: string) {
  const row = whole.rowOf(query)!;
  const shares = Object.values(branchShares(branches, {}));
  const own = whole.branches(row);
  const { top } = (await search.run(own, whole, REORDERED, { shares, without: [row] })).at(-1)!;
  const together = await keepKindsTogether(search, own, whole, top, shares);
  return together.slice(0, K).map((found) => ({ path: whole.pathOf(found) }));
}

async function expectLists(lists: Readonly<Record<string, readonly { readonly path: string }[]>>): Promise<void> {
  for (const [column, list] of Object.entries(lists)) {
    const paths = list.map(({ path }) => path);
    await expect.poll(() => pathsIn(view, column), { message: column, timeout: 60_000 }).toEqual(paths);
  }
}

test("lists, of weights, of a folder and from a lowest score on", async () => {
  const query = images[20]!;
  await expectLists(await listsOf(query));
  const mac = view.locator('.weights input[data-branch="mac"]');
  await mac.fill("0.5");
  await expectLists(await listsOf(query, { weights: { mac: 0.5 } }));
  await view.locator(".weights .link.equal, .weights .link.reset").first().click();
  // Of many folders the one to search in is typed: no image of this one is shown.
  const folder = view.locator(".folder-filter");
  const under = dirname(images.at(-1)!);
  await folder.fill(under);
  await folder.press("Enter");
  await expectLists(await listsOf(query, { under }));
  await folder.fill("");
  await folder.press("Enter");
  await view.locator('.filters input[type="range"]').fill("0.8");
  const above = Object.entries(await listsOf(query)).map(([column, list]) => [
    column,
    list.filter(({ score }) => score >= 0.8),
  ]);
  await expectLists(Object.fromEntries(above));
  await view.getByRole("button", { name: "Show all" }).click();
  await expectLists(await listsOf(query));
});

test("a part of the picture, two examples, and kinds together", async () => {
  const query = join(window.folder, images[20]!);
  const asked = (...args: string[]) => similarByCommandLine(window, query, ...args).results;
  const canvas = view.locator("lookalike-query-picture .canvas");
  await canvas.focus();
  await window.page.keyboard.press("Enter");
  await expectLists(asked("--box", "0.25,0.25,0.5,0.5"));
  await window.page.keyboard.press("Escape");
  await expectLists(await listsOf(images[20]!));
  const [second] = await pathsIn(view, "mac");
  await cardsIn(view, "mac").first().focus();
  await window.page.keyboard.press("-");
  await expectLists(asked("--not", join(window.folder, second!)));
  await view.locator(".basket button", { hasText: "Clear" }).click();
  await view.getByRole("checkbox", { name: "keep kinds together" }).check();
  await expectLists({ [COMBINED]: await kindsOf(images[20]!) });
  await view.getByRole("checkbox", { name: "keep kinds together" }).uncheck();
  await expectLists(await listsOf(images[20]!));
});

test("what goes and what comes while the codes are held", async () => {
  const query = images[20]!;
  const [gone] = (await listsOf(query))[COMBINED]!;
  rmSync(join(window.folder, gone!.path));
  whole.delete(gone!.path);
  await expectLists(await listsOf(query));
  // Its content is known, hence its made-up vector.
  const added = `${dirname(query)}/twin.png`;
  copyFileSync(join(window.folder, query), join(window.folder, added));
  const row = whole.branches(whole.rowOf(query)!);
  const twin = new Float32Array(row.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const branch of row) {
    twin.set(branch, at);
    at += branch.length;
  }
  whole.set(added, twin);
  await expect.poll(async () => (await pathsIn(view, COMBINED))[0], { timeout: 60_000 }).toBe(added);
  expect((await pathsIn(view, COMBINED)).slice(1)).toEqual(
    (await listsOf(query))[COMBINED]!.slice(1).map(({ path }) => path),
  );
});

test("the view that follows the active image", async () => {
  const { page, workbench } = window;
  await workbench.command("Lookalike: Focus on Look-alikes View");
  const follow = page
    .frameLocator('iframe.webview.ready[src*="extensionId=lookalike.lookalike"][src*="purpose=webviewView"]')
    .frameLocator("iframe#active-frame");
  const path = images[21]!;
  await workbench.row(path).click();
  await follow.locator(`.head .name[title="${path}"]`).waitFor();
  const near = () =>
    follow.locator(".near button").evaluateAll((all) => all.map((each) => each.getAttribute("data-path")));
  const expected = (await listsOf(path, { k: 30 }))[COMBINED]!.map((each) => each.path);
  await expect.poll(near, { timeout: 60_000 }).toEqual(expected);
});
