import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type AblationAxes,
  RUN_FILES,
  TRAINING_DEFAULTS,
  type TrainingEvent,
  type TrainingRunInfo,
} from "../../../src/shared/index.ts";
import { writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

const MAIN = resolve(import.meta.dirname, "../../../src/trainer/main.ts");
let root: string;
let runFolder: string;
let children: ChildProcess[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-trainer-"));
  runFolder = join(root, "run");
  children = [];
  mkdirSync(runFolder);
  await drawClasses(join(root, "images"), 8, 4);
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

function describe(
  epochs: number,
  model: string | null = writeGridModel(join(root, "grid.onnx")),
  ablation: AblationAxes | null = null,
): void {
  const options = { ...TRAINING_DEFAULTS, folder: join(root, "images"), epochs, model, device: "cpu" } as const;
  const info: TrainingRunInfo = {
    format: 1,
    options,
    name: "mine",
    started: new Date().toISOString(),
    ...(ablation && { ablation }),
  };
  writeFileSync(join(runFolder, RUN_FILES.info), JSON.stringify(info));
}

/** @returns exit code and what it printed */
function trainer(): { child: ChildProcess; ended: Promise<{ code: number | null; printed: string }> } {
  const child = spawn(process.execPath, [MAIN, runFolder], { stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  let printed = "";
  child.stderr!.on("data", (chunk) => {
    printed += String(chunk);
  });
  const ended = new Promise<{ code: number | null; printed: string }>((done) =>
    child.on("exit", (code) => done({ code, printed })),
  );
  return { child, ended };
}

function events(): TrainingEvent[] {
  const file = join(runFolder, RUN_FILES.events);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as TrainingEvent);
}

const until = (type: TrainingEvent["type"], times = 1) =>
  vi.waitFor(() => expect(events().filter((event) => event.type === type).length).toBeGreaterThanOrEqual(times), {
    timeout: 50_000,
    interval: 50,
  });
const say = (word: string) => writeFileSync(join(runFolder, RUN_FILES.control), word);

test("paused, killed and started again, it goes on from its checkpoint to the end; a second one is refused", async () => {
  describe(100_000);
  const first = trainer();
  await until("step", 3);
  expect(JSON.parse(readFileSync(join(runFolder, RUN_FILES.sign), "utf8")).pid).toBe(first.child.pid);
  say("pause");
  await until("paused");
  const second = await trainer().ended;
  expect(second.code).toBe(1);
  expect(second.printed).toContain(`already (process ${first.child.pid})`);
  const stepsBefore = events().filter(({ type }) => type === "step").length;
  first.child.kill("SIGKILL");
  await first.ended;

  say("run");
  const third = trainer();
  await until("step", stepsBefore + 2);
  const steps = events().flatMap((event) => (event.type === "step" ? [event.step] : []));
  expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
  say("stop");
  expect((await third.ended).code).toBe(0);
  const last = events().at(-1);
  expect(last).toMatchObject({ type: "done", result: { stopped: true, model: join(runFolder, RUN_FILES.model) } });
  expect(existsSync(join(runFolder, RUN_FILES.model))).toBe(true);
  expect(existsSync(join(runFolder, RUN_FILES.sign))).toBe(false);
  expect(existsSync(join(runFolder, RUN_FILES.checkpoint))).toBe(false);
});

test("a model that is gone is told as the end of the run; a damaged run.json in words", async () => {
  describe(1, join(root, "gone.onnx"));
  expect((await trainer().ended).code).toBe(1);
  expect(events().at(-1)).toMatchObject({ type: "failed", message: expect.stringContaining("gone.onnx") });
  writeFileSync(join(runFolder, RUN_FILES.info), '{"format":1,"options":{"folder":3}}');
  const { code, printed } = await trainer().ended;
  expect(code).toBe(1);
  expect(printed).toMatch(/cannot be understood: in run.json, options.folder is 3\. Start it anew/);
});

test("an ablation is a run of many trainings: stopped and killed it keeps what is done, and goes on", async () => {
  const axes: AblationAxes = {
    ...{ configs: ["S", "SM", "MS"], losses: ["ranking", "ranking+classification"] },
    ...{ tricks: ["both"], combine: ["concat", "sum"], seeds: 1, full: false },
  };
  describe(2, undefined, axes);
  const first = trainer();
  await until("results");
  say("stop");
  expect((await first.ended).code).toBe(1);
  expect(existsSync(join(runFolder, RUN_FILES.sign))).toBe(false);
  const told = events().filter(({ type }) => type === "results").length;
  expect(events().some(({ type }) => type === "ablated" || type === "failed")).toBe(false);
  expect(told).toBeLessThan(4);

  say("run");
  const second = trainer();
  await until("results", told + told + 1);
  second.child.kill("SIGKILL");
  await second.ended;
  expect((await trainer().ended).code).toBe(0);
  const last = events().at(-1);
  expect(last).toMatchObject({ type: "ablated" });
  const tables = last?.type === "ablated" ? readFileSync(last.tables, "utf8") : "";
  expect(tables).toContain("### Descriptors, in order (ranking+classification, both), after the last step");
  // Each cell was trained once: what is done is told again at each start, with the same figures.
  const results = events().flatMap((event) => (event.type === "results" ? [event] : []));
  const of = (done: number) => results.filter((each) => each.done === done).map((each) => JSON.stringify(each));
  expect(of(1).length).toBeGreaterThan(1);
  expect(new Set(of(1)).size).toBe(1);
  expect(of(4)).toHaveLength(1);
  expect(results.at(-1)).toMatchObject({ done: 4, of: 4 });
});

test("an ablation on a folder that allows none says why", async () => {
  rmSync(join(root, "images"), { recursive: true });
  mkdirSync(join(root, "images"));
  describe(2, undefined, {
    ...{ configs: ["S"], losses: ["ranking"], tricks: ["both"], combine: ["concat"], seeds: 1, full: false },
  });
  expect((await trainer().ended).code).toBe(1);
  expect(events().at(-1)).toMatchObject({ type: "failed", message: expect.stringMatching(/image/) });
});
