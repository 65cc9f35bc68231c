/** The page with a report on retrieval, in a bare browser with a host that knows its answers. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { EvaluationReport, EvaluationState } from "../../src/shared/index.ts";
import { evaluationReport } from "../fixtures/evaluationReport.ts";
import { notify, openPage } from "./support/pageHarness.ts";

let browser: Browser;
let report: EvaluationReport;
beforeAll(async () => {
  browser = await launchBrowser();
  report = await evaluationReport();
});
afterAll(() => browser?.close());

const saved = { folder: "/images", labels: null, protocol: null, dataset: null, boxes: null, models: [] };
const stateOf = (change: Partial<EvaluationState> = {}): EvaluationState => ({
  folder: "images",
  report,
  tables: [{ file: "/images/labels.csv", columns: ["kind"], problem: null }],
  models: ["resnet50", "mine"],
  progress: null,
  notice: null,
  ...change,
});
const open = (change: Partial<EvaluationState> = {}) =>
  openPage(browser, "evaluation", { ready: { state: stateOf(change), saved } });

function asked(page: Page): Promise<readonly { method: string; params: unknown }[]> {
  return page.evaluate(() => (globalThis as unknown as { asked: { method: string; params: unknown }[] }).asked);
}

test("the figures of every descriptor and subset stand in a table, with and without copies", async () => {
  const page = await open();
  const table = page.locator("table.figures").first();
  await table.waitFor();
  expect(await table.locator("tbody th").allTextContents()).toEqual([
    ...["SPoC", "MAC", "GeM", "SPoC + MAC", "SPoC + GeM", "MAC + GeM", "Combined"],
  ]);
  expect(await table.locator("thead th").allTextContents()).toEqual([
    ...["Descriptor", "Recall@1", "Recall@2", "Recall@4", "Recall@8", "R-precision", "MAP@R", "MRR"],
  ]);
  const recall = report.models[0]!.descriptors["spoc"]!.metrics["recall@1"]!;
  expect(await table.locator("tbody td").first().textContent()).toContain((100 * recall).toFixed(1));
  expect(await page.locator("table.figures caption").nth(1).textContent()).toContain("without copies");
  await page.close();
});

test("an image of a row is searched from, by mouse and by keyboard, and choices are told", async () => {
  const page = await open();
  const image = page.locator("details[open] button[data-image]").first();
  const path = await image.getAttribute("data-image");
  await image.click();
  await image.focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Protocol").selectOption("by-class");
  await page.getByLabel("Data set").selectOption("sop");
  await page.getByText("Other models beside it").click();
  await page.getByLabel("mine").check();
  await page.getByRole("button", { name: "Save report..." }).click();
  expect((await asked(page)).filter(({ method }) => method !== "ready" && method !== "thumbnail")).toEqual([
    { method: "findSimilar", params: { path } },
    { method: "findSimilar", params: { path } },
    { method: "choose", params: { labels: null, protocol: "by-class", dataset: null, boxes: null, models: [] } },
    { method: "choose", params: { labels: null, protocol: null, dataset: "sop", boxes: null, models: [] } },
    { method: "choose", params: { labels: null, protocol: null, dataset: null, boxes: null, models: ["mine"] } },
    { method: "save", params: {} },
  ]);
  await page.close();
});

test("boxes: a file is chosen, large and small objects stand beside each other, and what they say is said", async () => {
  const page = await openPage(browser, "evaluation", {
    ready: { state: stateOf(), saved },
    chooseBoxes: "/images/instances.json",
  });
  const row = page.getByRole("row", { name: "SPoC − MAC" }).filter({ hasText: "for large objects" }).first();
  expect(await row.locator("td").allTextContents()).toEqual([
    ...["+20.0", "−10.0", "+30.0+10.0 to +50.0", "SPoC is for large objects, MAC for small ones"],
  ]);
  await page.getByLabel("Boxes of objects").selectOption("A file...");
  await expect.poll(async () => (await asked(page)).map(({ method }) => method)).toContain("choose");
  expect((await asked(page)).find(({ method }) => method === "choose")).toEqual({
    method: "choose",
    params: { labels: null, protocol: null, dataset: null, boxes: "/images/instances.json", models: [] },
  });
  await page.close();
});

test("progress can be stopped, what is there stays, and a failure says what to do", async () => {
  const page = await open({ report: null, progress: { text: "Ranking all images", done: 0.4 } });
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  expect((await asked(page)).at(-1)).toEqual({ method: "action", params: { action: "cancelIndexing" } });
  const notice = {
    kind: "error" as const,
    text: "No image has a label.",
    actions: ["retry" as const, "showLog" as const],
  };
  await notify(page, "state", { state: stateOf({ notice }), saved });
  await page.getByRole("alert").waitFor();
  expect(await page.locator("table.figures").count()).toBeGreaterThan(0);
  await page.close();
});

test("names from files are text, whatever they hold", async () => {
  const odd = `<img src=x onerror="document.title='run'">`;
  const models = report.models.map((model) => ({ ...model, name: odd }));
  const page = await open({ report: { ...report, models, warnings: [odd] } });
  await page.locator("table.figures").first().waitFor();
  expect(await page.locator("main img[src='x']").count()).toBe(0);
  expect(await page.title()).toBe("Lookalike");
  expect(await page.locator("h2").first().textContent()).toContain(odd);
  await page.close();
});

test("figures of a model that was trained on what it is asked for say so above the table, and few remarks are open", async () => {
  const [first, ...others] = report.models;
  const models = [{ ...first!, state: "trained" as const, trainedOn: { queries: 30, classes: 3 } }, ...others];
  const page = await open({ report: { ...report, models } });
  const note = page.getByText(`trained on 30 of the ${report.queries} queries, of 3 classes`);
  expect(await note.count()).toBe(1);
  expect(await note.isVisible()).toBe(true);
  expect(await page.getByText(report.warnings[0]!).isVisible()).toBe(true);
  await page.close();
});
