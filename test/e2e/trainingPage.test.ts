import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { ABLATION_DEFAULTS } from "../../src/shared/index.ts";
import { asked, notify, openPage } from "./support/pageHarness.ts";
import { ablationShown, DATA, RUN, trainingShown } from "./support/trainingState.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const open = (change: Parameters<typeof trainingShown>[0] = {}) =>
  openPage(browser, "training", { ready: trainingShown(change) });

test("figures have n and an interval, are held against the model in use, and say when they are too few to tell", async () => {
  const page = await open({ stage: "done", run: RUN });
  // 40 queries: Wilson's intervals of 95 % and 100 %.
  expect(await page.locator(".stage").textContent()).toBe(
    "Done: Recall@1 of combined from 95.0 % (83 to 99) to 100.0 % (91 to 100), 40 queries: too few to tell",
  );
  const combined = page.locator(".recalls tbody tr").last();
  expect(await combined.locator("td").allInnerTexts()).toEqual([
    "85.0 % 71 to 93",
    "95.0 % 83 to 99",
    "100.0 % 91 to 100",
    "+5.0",
  ]);
  expect(await page.locator(".recalls th[scope=col]").allInnerTexts()).toContain("model in use");
  expect(await page.locator(".findings p").allInnerTexts()).toEqual([
    "Measured by 40 queries of 4 classes; 95 % intervals. Too few to tell: differences of several points are chance.",
    "Points are against mobilenetv2-smg+adapted, which images is searched with now.",
    "Of +5.0 points, +5.0 were there before the first step, when the heads were fitted to the classes; the steps brought 0.0.",
    "The ranking loss was 0 from the first step: every image lay nearer to its class than the margin asks, so nothing was learned from it.",
  ]);
  const figures = await page.locator(".figures > div").allInnerTexts();
  expect(figures.map((text) => text.replace("\n", ": "))).toContain("Epoch kept: 300, the last");
  await page.close();
});

test("no figure is made of too few queries, and a comparison that could not be had is said", async () => {
  const inUse = { name: "old+adapted", problem: "The file is gone. Index the folder again." };
  const page = await open({ stage: "done", run: { ...RUN, inUse, basis: { queries: 9, classes: 3 } } });
  expect(await page.locator(".recalls").count()).toBe(0);
  expect(await page.locator(".stage").textContent()).toBe("Done");
  expect(await page.locator(".findings").textContent()).toContain("No figure: only 9 held-out images have another one");
  expect(await page.locator(".findings").textContent()).toContain("Not compared with old+adapted");
  await page.close();
});

test("a field is checked as it is typed, keeps what was typed, and Start waits for it", async () => {
  const page = await open();
  const start = page.locator('[data-action="start"]');
  const rate = page.locator("#choice-learningRate");
  expect(await start.isEnabled()).toBe(true);
  await rate.fill("50");
  await page.locator("#problem-learningRate", { hasText: "A number from" }).waitFor();
  expect(await rate.getAttribute("aria-invalid")).toBe("true");
  expect(await start.isDisabled()).toBe(true);
  // The host counts again meanwhile, and the field is left.
  await rate.press("Tab");
  await notify(page, "state", trainingShown({ counting: true }));
  expect(await rate.inputValue()).toBe("50");
  await page.locator("#choice-epochs").fill("-3");
  await page.locator("#problem-epochs", { hasText: "A whole number from 1 to 10,000." }).waitFor();
  expect((await asked(page, "change")).length).toBe(0);

  await rate.fill("0.01");
  await page.locator("#choice-epochs").fill("3");
  await notify(page, "state", trainingShown());
  expect(await start.isEnabled()).toBe(true);
  expect(await asked(page, "change")).toEqual([{ choices: { learningRate: 0.01 } }, { choices: { epochs: 3 } }]);

  const problem = 'There is no descriptor "Banana".';
  await notify(page, "state", trainingShown({ data: { ...DATA, problem, about: "descriptors" } }));
  await page.locator("#problem-descriptors", { hasText: problem }).waitFor();
  expect(await start.isDisabled()).toBe(true);
  await page.close();
});

test("where nothing ran there is nothing to resume, and no empty chart", async () => {
  const run = { ...RUN, baseline: null, latest: null, evaluations: [], losses: [], result: null, failure: "No." };
  const page = await open({ stage: "failed", run });
  expect(await page.locator(".buttons button").allInnerTexts()).toEqual(["Train again"]);
  expect(await page.locator("lookalike-chart").count()).toBe(0);
  await page.close();
});

test("an empty field says which number is chosen for it", async () => {
  const chosen = { epochs: 30, learningRate: 0.0001, dim: 30, margin: 0.1, resize: 252 };
  const page = await open({ data: { ...DATA, chosen } });
  const placeholder = (key: string) => page.locator(`#choice-${key}`).getAttribute("placeholder");
  expect(await placeholder("dim")).toBe("30, chosen");
  expect(await placeholder("epochs")).toBe("30, chosen");
  expect(await placeholder("learningRate")).toBe("0.0001, chosen");
  await notify(page, "state", trainingShown());
  await expect.poll(() => placeholder("dim")).toBe("chosen");
  await page.close();
});

test("with torch another machine can take the steps, and its weights are imported where they are back", async () => {
  const options = { ...trainingShown().state.options, engine: "torch" } as const;
  const page = await open({ options });
  const elsewhere = page.locator('[data-action="elsewhere"]');
  expect(await elsewhere.textContent()).toContain("Run elsewhere...");
  await notify(page, "state", trainingShown({ options, counting: true }));
  expect(await elsewhere.isDisabled()).toBe(true);
  // Adapting takes no steps; the built-in engine takes its own.
  await notify(page, "state", trainingShown({ options: { ...options, mode: "whiten" } }));
  expect(await elsewhere.count()).toBe(0);
  await notify(page, "state", trainingShown());
  expect(await elsewhere.count()).toBe(0);
  await notify(page, "state", trainingShown({ options }));
  await elsewhere.click();

  const prepared = {
    folder: "/usb/fruit",
    result: "/usb/fruit/job/result.safetensors",
    lines: ["python train.py job"],
  };
  const run = { ...RUN, evaluations: [], losses: [], latest: null, result: null, elsewhere: prepared };
  const text =
    "Prepared in /usb/fruit. Copy that folder to the machine that trains; how to start it there stands in its README.md.";
  const notice = { kind: "info", text, actions: ["showElsewhere"] } as const;
  await notify(page, "state", trainingShown({ stage: "waiting", options, run, notice }));
  expect(await page.locator(".stage").textContent()).toBe("Waiting for the weights of another machine");
  await page.locator(".notice button", { hasText: "Show how to start it" }).click();
  await page.locator('[data-action="importWeights"]').click();
  expect(await asked(page, "action")).toEqual(
    ["elsewhere", "showElsewhere", "importWeights"].map((action) => ({ action })),
  );
  await page.close();
});
test("an ablation: what is compared is chosen beside its plan, which says how long it takes", async () => {
  const axes = ABLATION_DEFAULTS;
  const page = await open({ ablation: axes });
  const plan = async () => (await page.locator(".plan [role=status]").textContent())?.trim();
  expect(await plan()).toBe("Trainings: 24, about 36 s");
  // What its trainings differ in is no choice beside it.
  for (const key of ["descriptors", "seed"]) expect(await page.locator(`#choice-${key}`).count()).toBe(0);
  expect(await page.locator('[name="mode"]').count()).toBe(2);
  await page.locator('.axis[data-axis="configs"] [value="MS"]').check();
  await page.locator('.axis[data-axis="configs"] [value="S"]').uncheck();
  await page.locator("#axis-seeds").selectOption("1");
  await page.locator(".full input").check();
  expect(await asked(page, "changeAblation")).toEqual([
    { axes: { ...axes, configs: ["S", "M", "G", "SM", "MS", "SG", "MG", "SMG"] } },
    { axes: { ...axes, configs: ["M", "G", "SM", "SG", "MG", "SMG"] } },
    { axes: { ...axes, seeds: 1 } },
    { axes: { ...axes, full: true } },
  ]);
  // The last one of an axis stays.
  expect(await page.locator('.axis[data-axis="tricks"] [value="both"]').isDisabled()).toBe(true);
  await notify(page, "state", trainingShown({ ablation: { ...axes, losses: ["ranking"], configs: ["SM"], seeds: 1 } }));
  expect(await plan()).toBe("Trainings: 1, about 12 s");
  await page.close();
});

test("an ablation under way shows its trainings side by side; stopped it can be resumed, and done its tables open", async () => {
  const page = await open(ablationShown());
  expect(await page.locator(".stage").textContent()).toBe("4 of 8: SM, ranking+classification, both, seed 2");
  expect(await page.locator("progress").getAttribute("value")).toBe("0.375");
  expect(await page.locator("table.ablation caption").allInnerTexts()).toEqual([
    "Descriptors, in order (ranking+classification, both), the best epoch of each training",
    "Descriptors, in order (ranking+classification, both), after the last step",
  ]);
  const rows = await page.locator("table.ablation").first().locator("tbody tr").allInnerTexts();
  expect(rows.map((row) => row.split("\t"))).toEqual([
    ["S, ranking+classification, both", "concat", "2", "55.0 ± 7.1", "70.0 ± 0.0", "40.0 ± 0.0", "30.0 ± 0.0"],
    ["S, ranking+classification, both", "sum", "2", "55.0 ± 7.1", "70.0 ± 0.0", "40.0 ± 0.0", "30.0 ± 0.0"],
    ["SM, ranking+classification, both", "concat", "1", "70.0", "70.0", "40.0", "30.0"],
    ["SM, ranking+classification, both", "sum", "1", "70.0", "70.0", "40.0", "30.0"],
  ]);
  const buttons = () => page.locator(".buttons button").allInnerTexts();
  expect(await buttons()).toEqual(["Stop"]);
  await page.locator('[data-action="stop"]').click();
  await notify(page, "state", trainingShown({ ...ablationShown({ current: null }), stage: "interrupted" }));
  expect(await page.locator(".stage").textContent()).toBe("Interrupted after 3 of 8");
  expect(await buttons()).toEqual(["Resume", "Compare again"]);
  const done = ablationShown({ done: 8, current: null, tables: "/runs/ablation.md", seconds: 300 });
  await notify(page, "state", trainingShown({ ...done, stage: "done" }));
  expect(await page.locator(".stage").textContent()).toBe("Done in 5 min; trainings: 8");
  await page.locator('[data-action="openTables"]').click();
  expect(await asked(page, "action")).toEqual([{ action: "stop" }, { action: "openTables" }]);
  await page.close();
});
