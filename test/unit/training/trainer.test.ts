import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RUN_FILES, TRAINING_DEFAULTS, type TrainingEvent, type TrainingRunInfo } from "../../../src/shared/index.ts";
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

function describe(epochs: number, model: string | null = writeGridModel(join(root, "grid.onnx"))): void {
  const options = { ...TRAINING_DEFAULTS, folder: join(root, "images"), epochs, model, device: "cpu" } as const;
  const info: TrainingRunInfo = { format: 1, options, name: "mine", started: new Date().toISOString() };
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
