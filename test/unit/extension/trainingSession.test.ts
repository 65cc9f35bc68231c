import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { RunView, RunWatch } from "../../../src/extension/training/runWatch.ts";
import type { TrainingHost } from "../../../src/extension/training/trainingHost.ts";
import { TrainingBusyError } from "../../../src/extension/training/trainingRuns.ts";
import { TrainingSession } from "../../../src/extension/training/trainingSession.ts";
import type { RunProgress, TrainingData, TrainingOptions } from "../../../src/shared/index.ts";
import { DATA, OPTIONS, PREPARED, PROGRESS, RESULT, ROOT, TEXTS } from "./trainingParts.ts";

class Cancelled extends Error {}

let trusted: boolean;
let counted: TrainingOptions[];
let count: (options: TrainingOptions, signal: AbortSignal) => Promise<TrainingData>;
let told: string[];
let busy: boolean;
/** By the user, where a folder or file is asked for. */
let picked: string | undefined;
let tell: (view: RunView) => void;
let session: TrainingSession;

const busyRun = { id: "other", info: { format: 1, name: "x", started: "", options: OPTIONS }, alive: true } as const;
const view = (stage: RunView["stage"], progress: Partial<RunProgress> = {}, ended?: string): RunView => ({
  stage,
  progress: { ...PROGRESS, ...progress },
  data: DATA,
  ended,
});

const host: TrainingHost = {
  count: (options, signal) => {
    counted.push(options);
    return count(options, signal);
  },
  models: async () => [{ name: "built in", builtIn: true, detail: "" }],
  runs: {
    async start(_options, name, elsewhere) {
      if (busy) throw new TrainingBusyError({ ...busyRun, interrupted: false, waiting: false });
      told.push(`start ${name}${elsewhere === undefined ? "" : ` in ${elsewhere}`}`);
      return "1";
    },
    async resume(id) {
      if (busy) throw new TrainingBusyError({ ...busyRun, interrupted: false, waiting: false });
      told.push(`resume ${id}`);
    },
    async control(id, word) {
      told.push(`${word} ${id}`);
    },
    async watch(id, changed) {
      told.push(`watch ${id}`);
      tell = changed;
      const watch: RunWatch = {
        info: { format: 1, name: "birds-head", started: "", options: { ...OPTIONS, seed: 7 } },
        view: view("running"),
        follow() {},
        async refresh() {},
        dispose: () => told.push(`leave ${id}`),
      };
      return watch;
    },
  },
  pickElsewhere: async () => picked,
  bringWeights: async ({ result }) => {
    told.push(`look for ${result}`);
    return picked !== undefined;
  },
  showElsewhere: async ({ folder }) => void told.push(`show ${folder}`),
  modelName: async ({ mode }) => `birds-${mode}`,
  async install(model, name) {
    told.push(`install ${model}`);
    return `${name} 2`;
  },
  chosen: async () => "mobilenet",
  async select(name, root) {
    told.push(`select ${name} for ${root}`);
  },
  async index(root, progress) {
    progress(0.5);
    told.push(`index ${root} ${session.state.indexing}`);
  },
  lacksTorch: () => false,
  mayTrain: () => trusted,
  isCancellation: (error) => error instanceof Cancelled,
  failureText: (error) => `failed: ${(error as Error).message}`,
  texts: TEXTS,
  rest: 0,
  changed() {},
};

beforeEach(() => {
  trusted = true;
  busy = false;
  picked = undefined;
  counted = [];
  told = [];
  count = async () => DATA;
  session = new TrainingSession(host, { root: ROOT, options: OPTIONS, run: null, ablation: null });
});

test("the data are counted before a start, and again with other choices; an older answer changes nothing", async () => {
  await session.start();
  expect(session.state).toMatchObject({
    stage: "choosing",
    folder: "pictures/birds",
    data: DATA,
    counting: false,
    models: [{ name: "built in" }],
  });
  let late: (data: TrainingData) => void = () => {};
  count = () => new Promise((done) => (late = done));
  const first = session.change({ epochs: 5 });
  await Promise.resolve();
  expect(session.state.counting).toBe(true);
  count = async () => ({ ...DATA, classes: 9 });
  await session.change({ split: "image" });
  late({ ...DATA, classes: 1 });
  await first;
  expect(session.state).toMatchObject({ counting: false, data: { classes: 9 } });
  expect(counted.at(-1)).toEqual({ ...OPTIONS, epochs: 5, split: "image" });
  expect(session.saved.options).toEqual(counted.at(-1));
});

test("a model to start from is one of the installed ones, and never a file", async () => {
  await session.start();
  await session.change({ model: "built in" });
  expect(session.state.options.model).toBe("built in");
  await session.change({ model: "/tmp/other.onnx" });
  expect(session.state.options.model).toBe("built in");
});

test("a run is started, followed, paused, resumed and stopped; its choices are as they were", async () => {
  await session.start();
  await session.act("start");
  expect(session.state).toMatchObject({ stage: "running", options: { seed: 7 }, data: DATA, notice: null });
  expect(session.saved).toEqual({ root: ROOT, options: { ...OPTIONS, seed: 7 }, run: "1", ablation: null });
  await session.change({ epochs: 99 });
  expect(session.state.options.epochs).toBeNull();
  for (const action of ["pause", "resume", "stop"] as const) await session.act(action);
  expect(told).toEqual(["start birds-head", "watch 1", "pause 1", "resume 1", "stop 1"]);
  // A second click on Start does nothing.
  await session.act("start");
  expect(told).toHaveLength(5);
});

test("another training under way is named, and offered to be shown", async () => {
  busy = true;
  await session.act("start");
  expect(session.state).toMatchObject({
    stage: "choosing",
    notice: { kind: "info", text: "busy with birds", actions: ["showRunning"] },
  });
  expect(session.busy).toBe("other");
});

test("an interrupted run is not resumed in a workspace that is not trusted", async () => {
  session = new TrainingSession(host, { root: ROOT, options: OPTIONS, run: "1", ablation: null });
  await session.start();
  tell(view("interrupted"));
  trusted = false;
  await session.act("resume");
  expect(session.state.restricted).toBe(true);
  expect(told).not.toContain("resume 1");
  trusted = true;
  await session.act("resume");
  expect(told).toContain("resume 1");
});

test("a run of before a reload is shown again, and an interrupted one says why", async () => {
  session = new TrainingSession(host, { root: ROOT, options: OPTIONS, run: "1", ablation: null });
  await session.start();
  expect(counted).toEqual([]);
  tell(view("interrupted", {}, "signal SIGKILL"));
  expect(session.state).toMatchObject({
    stage: "interrupted",
    notice: { kind: "error", text: "interrupted: signal SIGKILL", actions: ["showLog"] },
  });
  tell(view("running"));
  expect(session.state.notice).toBeNull();
  tell(view("failed", { failure: "the loss is no number" }));
  expect(session.state).toMatchObject({ stage: "failed", notice: { text: "the loss is no number" } });
});

test("the model is installed, used and indexed when the user says so, and not before", async () => {
  await session.act("start");
  tell(view("done", { result: RESULT }));
  expect(session.state).toMatchObject({ stage: "done", notice: null, installed: null, used: false });
  expect(told.filter((what) => /install|select|index/.test(what))).toEqual([]);
  expect(await session.install()).toBe("birds-head 2");
  expect(session.state).toMatchObject({ installed: "birds-head 2", used: false });
  await session.act("use");
  expect(told.slice(2)).toEqual(["install /runs/1/model.onnx", `select birds-head 2 for ${ROOT}`, `index ${ROOT} 0.5`]);
  expect(session.state).toMatchObject({
    used: true,
    usedBefore: "mobilenet",
    notice: { text: "used birds-head 2" },
  });
  expect("indexing" in session.state).toBe(false);
  await session.act("unuse");
  expect(told.slice(-2)).toEqual([`select mobilenet for ${ROOT}`, `index ${ROOT} 0.5`]);
  expect(session.state).toMatchObject({ used: false, usedBefore: null, notice: { text: "used mobilenet again" } });
  await session.act("again");
  expect(told.at(-1)).toBe("leave 1");
  expect(session.state).toMatchObject({ stage: "choosing", run: null, used: false, data: DATA });
});

test("what was used is known after a reload, and can be taken back; unless another model was chosen meanwhile", async () => {
  await session.act("start");
  tell(view("done", { result: RESULT }));
  await session.act("use");
  const { saved } = session;
  expect(saved.made).toEqual({ installed: "birds-head 2", usedBefore: "mobilenet" });
  for (const [chosen, used] of [
    ["birds-head 2", true],
    ["third", false],
  ] as const) {
    session = new TrainingSession({ ...host, chosen: async () => chosen }, saved);
    await session.start();
    expect(session.state, chosen).toMatchObject({ used, usedBefore: used ? "mobilenet" : null });
    expect(session.saved.made, chosen).toEqual(used ? saved.made : undefined);
  }
  session = new TrainingSession({ ...host, chosen: async () => "birds-head 2" }, saved);
  await session.start();
  await session.act("unuse");
  expect(told.slice(-2)).toEqual([`select mobilenet for ${ROOT}`, `index ${ROOT} 0.5`]);
  expect(session.saved.made).toBeUndefined();
});

test("a training that did not beat the baseline says so, and so does one that was stopped", async () => {
  await session.act("start");
  tell(view("done", { result: { ...RESULT, improved: false } }));
  expect(session.state.notice).toMatchObject({ kind: "info", text: "not better" });
  await session.act("again");
  await session.act("start");
  tell(view("done", { result: { ...RESULT, stopped: true } }));
  expect(session.state.notice).toMatchObject({ text: "stopped" });
});

test("nothing is counted or started in a workspace that is not trusted", async () => {
  trusted = false;
  session = new TrainingSession(host, { root: ROOT, options: OPTIONS, run: null, ablation: null });
  await session.start();
  await session.act("start");
  expect(session.state).toMatchObject({ restricted: true, data: null });
  expect([counted, told]).toEqual([[], []]);
  trusted = true;
  await session.start();
  expect(session.state).toMatchObject({ restricted: false, data: DATA });
});

test("what fails says why; what was cancelled says nothing", async () => {
  count = async () => Promise.reject(new Error("no such folder"));
  await session.start();
  expect(session.state).toMatchObject({
    counting: false,
    notice: { kind: "error", text: "failed: no such folder", actions: ["retry", "showLog"] },
  });
  count = async () => Promise.reject(new Cancelled());
  await session.start();
  expect(session.state.notice).toBeNull();
});

test("only images of the examples have a file", async () => {
  await session.act("start");
  const hit = (path: string) => ({ path, score: 1, sameLabel: true });
  const examples = [{ query: "a/1.png", label: "a", before: [hit("a/2.png")], now: [hit("b/3.png")] }];
  tell(view("running", { examples: { epoch: 1, examples } }));
  expect(session.exampleQuery).toBe(join(OPTIONS.folder, "a/1.png"));
  for (const path of ["a/1.png", "a/2.png", "b/3.png"]) expect(session.resolve(path)).toBe(join(OPTIONS.folder, path));
  for (const path of ["../secret.png", "/etc/passwd", "a", ""]) expect(session.resolve(path), path).toBeUndefined();
});

test("it is prepared in a folder that the user picks, and goes on when the weights are back", async () => {
  await session.start();
  await session.act("elsewhere");
  expect(told).toEqual([]);
  expect(session.state.stage).toBe("choosing");
  picked = "/usb/birds";
  await session.act("elsewhere");
  expect(told).toEqual(["start birds-head in /usb/birds", "watch 1"]);
  tell(view("waiting", { elsewhere: PREPARED }));
  expect(session.state).toMatchObject({ stage: "waiting", notice: { kind: "info", text: "prepared in /usb/birds" } });
  await session.act("showElsewhere");
  // Whoever picks no weights imports none.
  picked = undefined;
  await session.act("importWeights");
  expect(told.slice(2)).toEqual(["show /usb/birds", `look for ${PREPARED.result}`]);
  picked = "weights";
  await session.act("importWeights");
  expect(told.slice(4)).toEqual([`look for ${PREPARED.result}`, "resume 1"]);
});

test("in a workspace that is not trusted no folder is asked for", async () => {
  trusted = false;
  picked = "/usb/birds";
  await session.act("elsewhere");
  expect(told).toEqual([]);
  expect(session.state.restricted).toBe(true);
});
