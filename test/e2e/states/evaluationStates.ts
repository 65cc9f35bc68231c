import type { EvaluationState } from "../../../src/shared/index.ts";
import { evaluationReport } from "../../fixtures/evaluationReport.ts";
import { openPage } from "../support/pageHarness.ts";
import { type PageState, type PageStates, unfold } from "./pageState.ts";

const BEFORE: EvaluationState = {
  folder: "images",
  report: null,
  tables: [{ file: "/images/labels.csv", columns: ["kind"], problem: null }],
  models: ["resnet50", "mine"],
  progress: null,
  notice: null,
};
const saved = { folder: "/images", labels: null, protocol: null, dataset: null, boxes: null, models: [] };

const shown =
  (change: () => Promise<Partial<EvaluationState>>, ready: string): PageState =>
  async (browser) => {
    const state = { ...BEFORE, ...(await change()) };
    const page = await openPage(browser, "evaluation", { ready: { state, saved } });
    await page.locator(ready).first().waitFor();
    await unfold(page);
    return page;
  };

/** One model and two of each kind of row: more of the same would only take longer to look at. */
async function shortReport() {
  const report = await evaluationReport();
  const two = <T>(all: readonly T[]) => all.slice(0, 2);
  const [model] = report.models;
  const failures = model!.failures.map((each) => {
    return { ...each, worst: two(each.worst), confused: two(each.confused), hubs: two(each.hubs) };
  });
  return { ...report, models: [{ ...model!, failures, classes: two(model!.classes) }] };
}

export const EVALUATION_STATES: PageStates = {
  report: shown(async () => ({ report: await shortReport() }), "table.figures"),
  working: shown(async () => ({ progress: { text: "Ranking all images", done: 0.4 } }), ".progress"),
  untrusted: shown(
    async () => ({ notice: { kind: "info", text: "This workspace is not trusted.", actions: ["manageTrust"] } }),
    ".notice",
  ),
  failed: shown(
    async () => ({ notice: { kind: "error", text: "No image has a label.", actions: ["retry", "showLog"] } }),
    ".notice",
  ),
};
