import type { Page } from "playwright-core";
import type { ProjectionsStart, ProjectionsState } from "../../../src/shared/index.ts";
import { madeUpHost, twoModels } from "../support/madeUpMaps.ts";
import { openPage } from "../support/pageHarness.ts";
import type { PageState, PageStates } from "./pageState.ts";

const maps =
  (
    host: () => void,
    reach: (page: Page) => Promise<unknown> = async () => {},
    answers: Readonly<Record<string, unknown>> = {},
  ): PageState =>
  async (browser) => {
    const page = await openPage(browser, "projections", answers, host);
    await page.locator(".legend li").first().waitFor();
    await reach(page);
    return page;
  };

/** Before there are maps. */
const without =
  (change: Partial<ProjectionsState>): PageState =>
  async (browser) => {
    const parameters = { neighbours: 15, minDist: 0.1, seed: 42, sample: null, under: "" };
    const state: ProjectionsState = {
      folder: "photos",
      under: "",
      work: null,
      parameters,
      summary: null,
      notice: null,
    };
    const ready: ProjectionsStart = {
      state: { ...state, ...change },
      saved: { folder: "/photos", under: "", parameters },
      colour: null,
      images: { descriptors: [], paths: [] },
      layouts: [],
      highlight: { active: null, query: null, results: [] },
    };
    const page = await openPage(browser, "projections", { ready, tables: [] });
    await page.locator("header h1").waitFor();
    return page;
  };

export const PROJECTIONS_STATES: PageStates = {
  maps: maps(madeUpHost),
  "a selection": maps(madeUpHost, async (page) => {
    await page.locator(".legend .entry").first().click();
    await page.locator(".thumbnails img").first().waitFor();
  }),
  "one map": maps(madeUpHost, (page) => page.locator("lookalike-map .enlarge").first().click()),
  parameters: maps(madeUpHost, (page) => page.getByText("Parameters", { exact: true }).click()),
  "a split": maps(madeUpHost, (page) => page.locator(".filter-notes").waitFor(), { folders: ["train", "val", "test"] }),
  "two models": maps(twoModels),
  "what moved": maps(twoModels, async (page) => {
    await page.locator("select.colour").selectOption({ label: "What moved" });
    await page.locator(".moved").waitFor();
  }),
  working: without({ work: { phase: "indexing", done: 0.3 } }),
  empty: without({ notice: { kind: "info", text: "photos holds no images.", actions: ["retry"] } }),
  failed: without({
    notice: { kind: "error", text: "The index cannot be read: no space left.", actions: ["retry", "showLog"] },
  }),
  "a part without images": without({
    notice: {
      kind: "error",
      text: "No indexed image lies under birds. Choose another folder.",
      actions: ["indexFolder", "wholeFolder", "showLog"],
    },
  }),
  export: maps(madeUpHost, (page) => page.getByText("Export", { exact: true }).click()),
  found: maps(madeUpHost, async (page) => {
    await page.locator(".controls input[type=search]").fill("class 1");
    await page.locator(".legend .picked").first().waitFor();
  }),
  untrusted: without({
    notice: { kind: "info", text: "This workspace is not trusted, so nothing is indexed.", actions: ["manageTrust"] },
  }),
};
