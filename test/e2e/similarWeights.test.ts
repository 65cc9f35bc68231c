/** Weights, marks, kinds and chance in a real VS Code: what the panel says and shows is what the index holds, and the command line says. */

import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import type { FrameLocator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { COMBINED, type Mark, type SimilarResult, type SuggestedWeights } from "../../src/shared/index.ts";
import { findSimilar, openDrawings, pathsIn, similarByCommandLine } from "./support/similarWindow.ts";
import { indexesBeside, keepPicture, type TestWindow } from "./support/window.ts";

/** A session asks about six images, five answers of each. */
const PAIRS = 30;

let window: TestWindow;
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

const asked = (...args: string[]) => similarByCommandLine(window, join(window.folder, query), ...args);
const sliders = () =>
  view.locator(".weights input").evaluateAll((all) => all.map((each) => Number((each as HTMLInputElement).value)));

async function expectList(result: SimilarResult): Promise<void> {
  const expected = result.results[COMBINED]!.map(({ path }) => path);
  await expect.poll(() => pathsIn(view, COMBINED), { timeout: 60_000 }).toEqual(expected);
}

/** The notes that the index in use holds. */
function notes(change = ""): Record<string, unknown> {
  const held: Record<string, unknown> = {};
  for (const file of globSync("**/*.sqlite", { cwd: indexesBeside(window.folder) })) {
    const database = new Database(join(indexesBeside(window.folder), file));
    try {
      if (change !== "") database.exec(change);
      const rows = database.prepare("select key, value from meta where key like 'note:%'").all();
      for (const { key, value } of rows as { key: string; value: string }[]) held[key.slice(5)] = JSON.parse(value);
    } catch {
      // Thumbnails and locks hold none.
    } finally {
      database.close();
    }
  }
  return held;
}

test("the weights of the index are in force, and the panel says where they come from", async () => {
  const { suggested, weights } = asked();
  await expectList(asked());
  expect(await sliders()).toEqual(Object.values(weights));
  expect(notes()["weights"]).toEqual(suggested);
  const says = await view.locator(".weights .why-weights").getAttribute("title");
  expect(says).toContain(
    suggested!.reason === undefined ? "Suggested by the names of folders" : "All descriptors count the same",
  );
  // 16 folders of four and more drawings: half of them chose, the others were measured.
  expect(says).toContain("on 8 classes, chosen on 8 others");
});

test("an index of before is offered suggestions, until one of both buttons was used", async () => {
  const held = asked();
  notes("delete from meta where key = 'note:weights'");
  await view.locator('.weights input[data-branch="mac"]').fill("0.5");
  await expectList(asked("--weights", "mac=0.5"));
  await view.locator(".weights .link.equal").click();
  await view.getByText("This index has no suggested weights yet.").waitFor();
  await expectList(asked("--weights", "equal"));
  await view.getByRole("button", { name: "Suggest", exact: true }).click();
  await view.locator(".weights .offer").waitFor({ state: "detached" });
  await expectList(held);
  expect(notes()["weights"]).toEqual(held.suggested);

  notes("delete from meta where key = 'note:weights'");
  await view.locator('.weights input[data-branch="mac"]').fill("0.5");
  await view.locator(".weights .link.equal").click();
  await view.getByRole("button", { name: "Keep equal" }).click();
  await view.locator(".weights .offer").waitFor({ state: "detached" });
  expect(await sliders()).toEqual([1, 1, 1]);
  expect(notes()["weights"]).toMatchObject({ from: "equal", reason: "asked" });
});

test("thirty marks by keys are kept, and choose the weights or say why not", async () => {
  await view.getByRole("button", { name: "By marks..." }).click();
  const dialog = view.getByRole("dialog", { name: "Marks" });
  for (let i = 1; i <= PAIRS; i++) {
    await dialog.getByText(`${i} of ${PAIRS}`, { exact: true }).waitFor();
    const [left, right] = await dialog
      .locator("figcaption")
      .evaluateAll((all) => all.map((each) => each.getAttribute("title")!));
    await window.page.keyboard.press(dirname(left!) === dirname(right!) ? "y" : "n");
  }
  const result = dialog.locator(".mark-result");
  await expect.poll(() => result.textContent(), { timeout: 60_000 }).toContain("each left out of the choice");
  const { marks, weights } = notes() as { marks: Mark[]; weights: SuggestedWeights };
  expect(marks).toHaveLength(PAIRS);
  for (const mark of marks) expect(mark.belongs).toBe(dirname(mark.query) === dirname(mark.image));
  const byMarks = (await result.textContent())!.startsWith("Suggested by marks");
  expect(weights.from).toBe(byMarks ? "marks" : "equal");
  await window.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await sliders()).toEqual(Object.values(weights.weights));
  await expectList(asked());
});

test("kinds together: the first four stay, what moved says from where, and what it does here stands beside it", async () => {
  const plain = asked();
  await view.getByRole("checkbox", { name: "keep kinds together" }).check();
  const together = asked("--keep-kinds");
  expect(together.kinds).toBe(true);
  await expectList(together);
  const list = together.results[COMBINED]!;
  const first = (result: SimilarResult) => result.results[COMBINED]!.slice(0, 4).map(({ path }) => path);
  expect(first(together)).toEqual(first(plain));
  const moved = list.filter(({ from }) => from !== undefined);
  expect(moved.length).toBeGreaterThan(0);
  const titles = await view
    .locator(`.card[data-column="${COMBINED}"] .from`)
    .evaluateAll((all) => all.map((each) => each.getAttribute("title")));
  expect(titles).toEqual(moved.map(({ from }) => `by score its rank is ${from}`));
  await expect
    .poll(() => view.locator(".kinds-gain").textContent(), { timeout: 60_000 })
    .toMatch(/^here MAP@R [+-]\d+\.\d ± \d+\.\d$/);
  await view.getByRole("checkbox", { name: "keep kinds together" }).uncheck();
  await expectList(plain);
});

test("above chance: each list ends where random pairs of the folder begin", async () => {
  await view.getByRole("checkbox", { name: "above chance" }).check();
  const cut = asked("--min-score", "auto");
  for (const [column, list] of Object.entries(cut.results)) {
    await expect.poll(() => pathsIn(view, column), { timeout: 60_000 }).toEqual(list.map(({ path }) => path));
    for (const { score } of list) expect(score).toBeGreaterThan(cut.chance![column]!);
  }
  await view.getByRole("button", { name: "Show all" }).click();
  await expectList(asked());
});
