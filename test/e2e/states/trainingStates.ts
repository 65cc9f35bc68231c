import { ABLATION_DEFAULTS, type TrainingPageState } from "../../../src/shared/index.ts";
import { openPage } from "../support/pageHarness.ts";
import { ablationShown, DATA, RUN, trainingShown } from "../support/trainingState.ts";
import { type PageState, type PageStates, unfold } from "./pageState.ts";

const shown =
  (change: Partial<TrainingPageState> = {}): PageState =>
  async (browser) => {
    const page = await openPage(browser, "training", { ready: trainingShown(change) });
    await page.locator("header h1").waitFor();
    await unfold(page);
    return page;
  };

const work = { phase: "training", done: 3, total: 10, imagesPerSecond: 12, secondsLeft: 40 } as const;
const begun = { ...RUN, result: null };
const error = { kind: "error", text: "The trainer ended unexpectedly.", actions: ["showLog"] } as const;
const options = { ...trainingShown().state.options, engine: "torch" } as const;
const elsewhere = {
  folder: "/usb/fruit",
  result: "/usb/fruit/job/result.safetensors",
  lines: ["python train.py job"],
};
const prepared = {
  kind: "info",
  text: "Prepared in /usb/fruit. Copy that folder to the machine that trains; how to start it there stands in its README.md.",
  actions: ["showElsewhere"],
} as const;

export const TRAINING_STATES: PageStates = {
  choosing: shown(),
  "counting at first": shown({ counting: true, data: null }),
  "counting again": shown({ counting: true }),
  "too few": shown({
    data: { ...DATA, problem: "Only one class has two images: two are needed.", seconds: null } as never,
  }),
  "a wrong value": async (browser) => {
    const page = await shown()(browser);
    await page.locator("#choice-learningRate").fill("50");
    await page.locator("#problem-learningRate").waitFor();
    return page;
  },
  restricted: shown({ restricted: true, data: null }),
  "with torch": shown({ options }),
  running: shown({ stage: "running", run: { ...begun, work } }),
  paused: shown({ stage: "paused", run: begun }),
  pausing: shown({ stage: "pausing", run: { ...begun, work } }),
  stopping: shown({ stage: "stopping", run: { ...begun, work } }),
  "indexing with the new model": shown({ stage: "done", run: RUN, installed: "fruit-head", indexing: 0.4 }),
  waiting: shown({
    stage: "waiting",
    options,
    run: { ...begun, evaluations: [], losses: [], latest: null, elsewhere },
    notice: prepared,
  }),
  interrupted: shown({ stage: "interrupted", run: begun, notice: error }),
  failed: shown({
    stage: "failed",
    run: { ...begun, evaluations: [], losses: [], failure: "No space left." },
    notice: error,
  }),
  done: shown({ stage: "done", run: RUN }),
  used: shown({ stage: "done", run: RUN, installed: "fruit-head", used: true, usedBefore: "mobilenetv2-smg" }),
  "ablation, choosing": shown({ ablation: ABLATION_DEFAULTS }),
  "ablation, running": shown(ablationShown()),
  "ablation, done": shown({ ...ablationShown({ done: 8, current: null, tables: "/runs/ablation.md" }), stage: "done" }),
};
