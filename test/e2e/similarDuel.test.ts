import { basename, dirname, join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { overlapOf, type SimilarResult } from "../../src/shared/index.ts";
import { commandLine } from "./support/commandLine.ts";
import { cardsIn, findSimilar, openDrawings, pathsIn, similarByCommandLine } from "./support/similarWindow.ts";
import { keepPicture, type TestWindow, untilKept } from "./support/window.ts";

let window: TestWindow;
/** `<emoji>/<artist>.<ending>` of the query. */
let query: string;
let view: FrameLocator;

beforeAll(async () => {
  const drawings = await openDrawings();
  window = drawings.window;
  query = drawings.images[0]!.path;
  view = await findSimilar(window, query);
});
afterAll(() => window?.close());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const cards = (column: string) => cardsIn(view, column);
const paths = (column: string) => pathsIn(view, column);
const similar = (...args: string[]) => similarByCommandLine(window, ...args);
const listOf = ({ results }: SimilarResult, column: string) => results[column]!.map(({ path }) => path);
const absolute = (path: string) => join(window.folder, path);

/** The lists are those of the command line. */
async function expectLists(expected: SimilarResult): Promise<void> {
  for (const column of Object.keys(expected.results)) {
    await expect.poll(() => paths(column), { message: column, timeout: 60_000 }).toEqual(listOf(expected, column));
  }
}

test("each head tells how much of its list is in combined's", async () => {
  const result = similar(absolute(query));
  await expectLists(result);
  for (const column of ["spoc", "mac", "gem"]) {
    const { jaccard, rbo } = overlapOf(listOf(result, column), listOf(result, "combined"));
    const text = (await view.locator(`.head[data-column="${column}"] .overlap`).textContent()) ?? "";
    expect(text.trim()).toBe(`${Math.round(100 * jaccard)} % shared`);
    const short = (value: number) => value.toFixed(2).replace(/^0/, "");
    const title = await view.locator(`.head[data-column="${column}"]`).getAttribute("title");
    expect(title).toContain(`Combined  ${short(jaccard)} · ${short(rbo)}`);
  }
  expect(await view.locator('.head[data-column="combined"] .overlap').count()).toBe(0);
});

test("hovering draws lines to the same image in the other lists, and its rank where it is out of sight", async () => {
  const [path] = await paths("combined");
  await cards("combined").first().hover();
  const columns = await view.locator(`.card[data-path="${path}"]`).count();
  await expect.poll(() => view.locator("lookalike-links path").count()).toBe(columns - 1);
  const all = await Promise.all(["spoc", "mac", "gem", "combined"].map(paths));
  // An image that is early in one list and late in another.
  const far = all[3]!.find((each, i) => i < 6 && all.some((list) => list.indexOf(each) > 15));
  if (far === undefined) return;
  await view.locator(`.card[data-column="combined"][data-path="${far}"]`).hover();
  const ranks = all.map((list) => list.indexOf(far) + 1).filter((rank) => rank > 16);
  const pointers = await view.locator("lookalike-links .pointer").allInnerTexts();
  for (const rank of ranks) expect(pointers.join()).toContain(`rank ${rank}`);
});

test("a weight re-ranks combined as the command line does, and one click takes it back", async () => {
  await view.locator('.weights input[data-branch="mac"]').fill("0");
  await expectLists(similar(absolute(query), "--weights", "mac=0"));
  const widths = await cards("combined")
    .first()
    .locator(".shares rect")
    .evaluateAll((all) => all.map((rect) => Number(rect.getAttribute("width"))));
  expect(widths[1]).toBe(0);
  await view.locator(".weights .link.equal, .weights .link.reset").first().click();
  await expectLists(similar(absolute(query)));
});

test("the keys + and - put results into the query; a chip turns or removes them", async () => {
  const { page } = window;
  const [first, second] = (await paths("combined")).slice(0, 2) as [string, string];
  await cards("combined").first().focus();
  await page.keyboard.press("+");
  await expectLists(similar(absolute(query), absolute(first)));
  await view.locator(`.card[data-column="combined"][data-path="${second}"]`).focus();
  await page.keyboard.press("-");
  await expectLists(similar(absolute(query), absolute(first), "--not", absolute(second)));
  expect(await view.locator(".chip").count()).toBe(3);
  await keepPicture(window, "basket");
  await view.locator(`.chip[data-path="${second}"] .sign`).click();
  await expectLists(similar(absolute(query), absolute(first), absolute(second)));
  await view.locator(`.chip[data-path="${first}"] .remove`).click();
  await expectLists(similar(absolute(query), absolute(second)));
  await view.locator(".basket button", { hasText: "Clear" }).click();
  await expectLists(similar(absolute(query)));
  expect(await view.locator(".chip").count()).toBe(0);
});

test("a region is drawn by mouse or keys, and the results follow", async () => {
  const { page } = window;
  const canvas = view.locator("lookalike-query-picture .canvas");
  await canvas.focus();
  await page.keyboard.press("Enter");
  await expectLists(similar(absolute(query), "--box", "0.25,0.25,0.5,0.5"));
  for (const key of ["ArrowRight", "ArrowRight", "Shift+ArrowDown"]) await page.keyboard.press(key);
  await expectLists(similar(absolute(query), "--box", "0.29,0.25,0.5,0.52"));
  await page.keyboard.press("Escape");
  await expectLists(similar(absolute(query)));
  const { x, y, width, height } = (await canvas.boundingBox())!;
  await page.mouse.move(x + 0.1 * width, y + 0.1 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.6 * width, y + 0.6 * height, { steps: 8 });
  await page.mouse.up();
  await view.locator(".region").waitFor();
  expect(await canvas.getAttribute("aria-label")).toMatch(/from (9|10|11) %, (9|10|11) %, (49|50|51) % wide/);
  await expect.poll(() => paths("combined")).not.toEqual(listOf(similar(absolute(query)), "combined"));
  await keepPicture(window, "region");
  await canvas.focus();
  await page.keyboard.press("Escape");
  await view.locator(".region").waitFor({ state: "detached" });
  await expectLists(similar(absolute(query)));
});

test("selecting a result explains its score; pointing at a region shows the best match in the other image", async () => {
  const { page } = window;
  const [path] = await paths("combined");
  await cards("combined").first().click();
  await view.locator("figure[data-branch] canvas").nth(5).waitFor();
  const { descriptors } = commandLine<{ descriptors: Record<string, { score: number; sum: number }> }>(
    window,
    "explain",
    absolute(query),
    absolute(path!),
    "--in",
    window.folder,
  );
  for (const [name, { score }] of Object.entries(descriptors)) {
    const caption = view.locator(`figure[data-branch="${name}"] figcaption`);
    expect(await caption.textContent()).toContain(score.toFixed(3));
    const sums = [...((await caption.getAttribute("title")) ?? "").matchAll(/= (-?\d+\.\d+)/g)].map(([, sum]) =>
      Number(sum),
    );
    for (const sum of sums) expect(Math.abs(sum - score)).toBeLessThan(0.002);
    expect(sums).toHaveLength(2);
  }
  const combined = similar(absolute(query)).results["combined"]![0]!.score;
  expect(Number(await view.locator(".equation b").textContent())).toBeCloseTo(combined, 2);
  const heat = view.locator('figure[data-branch="gem"] lookalike-heat').first();
  await heat.hover();
  await expect.poll(() => view.locator('figure[data-branch="gem"] .mark').count()).toBe(2);
  await keepPicture(window, "why");
  await view.locator(".why-tools input[type=checkbox]").uncheck();
  await view.locator(".why figure").nth(3).waitFor();
  await view.locator(".why-tools input[type=checkbox]").check();
  await page.keyboard.press("Escape");
  await view.locator(".why").waitFor({ state: "detached" });
});

test("filters: a folder, a lowest score, marks for the same label", async () => {
  const label = dirname(query);
  await view.locator(".folder-filter").selectOption(label);
  await expectLists(similar(absolute(query), "--under", label));
  await view.locator(".folder-filter").selectOption("");
  await view.locator('.filters input[type="range"]').fill("0.3");
  await expectLists(similar(absolute(query), "--min-score", "0.3"));
  await view.locator(".filters button", { hasText: "Show all" }).click();
  await expectLists(similar(absolute(query)));
  await view.getByText("labels", { exact: true }).click();
  const marks = await cards("combined").evaluateAll((all) =>
    all.map((card) => [card.getAttribute("data-path")?.split("/")[0], card.querySelector(".label-mark.same") !== null]),
  );
  expect(marks.length).toBeGreaterThan(20);
  for (const [folder, same] of marks) expect(same).toBe(folder === label);
  await view.getByText("labels", { exact: true }).click();
});

test("back and forward lead through the queries; a pinned panel keeps its own", async () => {
  const { page, workbench } = window;
  const [next] = await paths("gem");
  await workbench.contextMenu(cards("gem").first(), "Find Similar from Here");
  await workbench.results(next!);
  await cards("gem").first().focus();
  await page.keyboard.press("Alt+ArrowLeft");
  await workbench.results(query);
  await view.locator('button[aria-label^="Forward"]').click();
  await workbench.results(next!);
  await view.locator('button[aria-label^="Back"]').click();
  await workbench.results(query);
  await view.locator('button[aria-label^="Pin"]').click();
  await page.locator(".tab", { hasText: `Pinned: ${basename(query)}` }).waitFor();
  await workbench.contextMenu(cards("gem").first(), "Find Similar from Here");
  await workbench.results(next!);
  expect(await page.locator(".tab", { hasText: /^(Similar|Pinned): / }).count()).toBe(2);
  await workbench.closeTab("Similar: ");
  await workbench.results(query);
  await view.locator('button[aria-label^="Pin"]').click();
});

test("a reload keeps examples, region, weights, filter and what is explained", async () => {
  const { page, workbench } = window;
  const [first] = await paths("combined");
  await cards("combined").first().focus();
  await page.keyboard.press("+");
  await view.locator(".chip").nth(1).waitFor();
  await view.locator("lookalike-query-picture .canvas").focus();
  await page.keyboard.press("Enter");
  await view.locator('.weights input[data-branch="mac"]').fill("0.5");
  await view.locator('.filters input[type="range"]').fill("0.1");
  await view.locator('.lists[aria-busy="false"]').waitFor();
  await cards("combined").nth(1).click();
  await view.locator(".why").waitFor();
  await untilKept(window, '"minScore":0.1');
  await untilKept(window, '"selected":"');
  await page.reload();
  view = workbench.webview();
  await workbench.results(query);
  await expectLists(
    similar(
      absolute(query),
      absolute(first!),
      "--box",
      "0.25,0.25,0.5,0.5",
      "--weights",
      "mac=0.5",
      "--min-score",
      "0.1",
    ),
  );
  expect(await view.locator('.weights input[data-branch="mac"]').inputValue()).toBe("0.5");
  await view.locator(".region").waitFor();
  await view.locator("figure[data-branch] canvas").first().waitFor();
});
