import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventTail } from "../../../src/extension/training/eventTail.ts";
import type { RunView, RunWatch } from "../../../src/extension/training/runWatch.ts";
import { isAlive } from "../../../src/extension/training/trainerProcess.ts";
import { TrainingBusyError, TrainingRuns } from "../../../src/extension/training/trainingRuns.ts";
import { TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";

const TRAINER = resolve(import.meta.dirname, "fakeTrainer.mjs");
/** Steps of a run that ends by itself within the patience of a test; and of one that does not. */
const SHORT = 8;
const LONG = 100_000;

let scratch: string;
let folder: string;
let runs: TrainingRuns;
let watches: RunWatch[];

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-runs-"));
  folder = join(scratch, "training");
  watches = [];
  runs = open();
});
afterEach(async () => {
  for (const watch of watches) watch.dispose();
  for (const { id, alive } of await runs.list()) {
    if (!alive) continue;
    await runs.control(id, "stop");
    await expect.poll(async () => (await runs.find(id))?.alive, { timeout: 20_000 }).toBe(false);
  }
  rmSync(scratch, { recursive: true, force: true });
});

const open = (kept?: number) =>
  new TrainingRuns({ folder, trainer: TRAINER, interval: 20, ...(kept === undefined ? {} : { kept }) });
const options = (epochs: number, change: Partial<TrainingOptions> = {}): TrainingOptions => ({
  ...TRAINING_DEFAULTS,
  folder: join(scratch, "pictures"),
  epochs,
  ...change,
});

/** Follows a run, as after a reload of the window. */
async function watched(id: string, from = runs): Promise<{ readonly view: RunView }> {
  let view: RunView | undefined;
  const watch = await from.watch(id, (now) => {
    view = now;
  });
  watches.push(watch);
  return {
    get view() {
      return view ?? watch.view;
    },
  };
}

const stage = (run: { readonly view: RunView }, wanted: RunView["stage"]) =>
  expect.poll(() => run.view.stage, { timeout: 30_000, interval: 20 }).toBe(wanted);

test("a run is followed to its end, and is found as it was afterwards", async () => {
  const id = await runs.start(options(SHORT), "pictures-head");
  const run = await watched(id);
  await stage(run, "done");
  const { progress } = run.view;
  expect(progress).toMatchObject({
    name: "pictures-head",
    failure: null,
    baseline: { combined: { "recall@1": 0.25 } },
  });
  expect(progress.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(progress.losses.map(({ loss }) => loss)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => 3 / step));
  expect(progress.latest).toEqual({ epoch: 8, step: 8, active: 1 / 8, p: { gem: 3 } });
  expect(progress.result).toMatchObject({ improved: true, epochs: SHORT, stopped: false });
  const later = await watched(id, open());
  expect(later.view).toEqual({ ...run.view, ended: undefined });
  expect(await open().list()).toMatchObject([{ id, alive: false, interrupted: false }]);
});

test("pause, another window, resume and stop", async () => {
  const id = await runs.start(options(LONG), "a");
  const run = await watched(id);
  await expect.poll(() => run.view.progress.losses.length, { timeout: 30_000 }).toBeGreaterThan(2);
  await runs.control(id, "pause");
  await stage(run, "paused");
  const steps = run.view.progress.latest!.step;
  const other = open();
  const there = await watched(id, other);
  expect(there.view.stage).toBe("paused");
  expect(await other.list()).toMatchObject([{ id, alive: true, interrupted: false }]);
  await other.resume(id);
  await stage(run, "running");
  await expect.poll(() => run.view.progress.latest!.step, { timeout: 30_000 }).toBeGreaterThan(steps);
  await other.control(id, "stop");
  await stage(there, "done");
  expect(there.view.progress.result?.stopped).toBe(true);
});

test("one training at a time, whichever window started it", async () => {
  const id = await runs.start(options(LONG), "a");
  for (const window of [runs, open()]) {
    const refused = await window.start(options(SHORT), "b").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TrainingBusyError);
    expect((refused as TrainingBusyError).run).toMatchObject({ id, info: { name: "a" } });
  }
  expect(readdirSync(folder)).toEqual([id]);
});

test("a trainer that dies leaves an interrupted run, which goes on from its checkpoint", async () => {
  const id = await runs.start(options(SHORT, { model: "crash" }), "a");
  const run = await watched(id);
  await stage(run, "interrupted");
  await expect.poll(() => run.view.ended).toBe("exit code 3");
  expect(run.view.progress.losses.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(await open().list()).toMatchObject([{ id, alive: false, interrupted: true }]);
  await runs.resume(id);
  await stage(run, "done");
  // The third step was told before and after.
  expect(run.view.progress.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("an interrupted run is not resumed beside another one", async () => {
  const first = await runs.start(options(SHORT, { model: "crash" }), "a");
  await stage(await watched(first), "interrupted");
  const second = await runs.start(options(LONG), "b");
  await expect(runs.resume(first)).rejects.toMatchObject({ name: "TrainingBusyError", run: { id: second } });
});

test("old runs are forgotten, and what is no run is left alone", async () => {
  const few = open(2);
  mkdirSync(join(folder, "mine"), { recursive: true });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const id = await few.start(options(1), "a");
    ids.push(id);
    await stage(await watched(id), "done");
    // The trainer takes its sign away with its last breath.
    await expect.poll(async () => (await few.find(id))?.alive).toBe(false);
  }
  expect((await few.list()).map(({ id }) => id)).toEqual([ids[3], ids[2]]);
  expect(existsSync(join(folder, "mine"))).toBe(true);
  expect(await few.find("../training/mine")).toBeUndefined();
  await expect(few.watch("20200101T000000000-abcdef", () => {})).rejects.toThrow("not there any more");
});

test("a sign of life counts for a process that works on this run", async () => {
  const sign = { pid: process.pid, time: Date.now() };
  const hours = { pid: process.pid, time: Date.now() - 5 * 3_600_000 };
  const gone = { pid: 2 ** 30, time: Date.now() };
  const works = async () => ["node", "trainer", "/run"];
  const other = async () => ["node", "something else"];
  const untold = async () => undefined;
  expect(await isAlive("/run", undefined)).toBe(false);
  expect(await isAlive("/run", gone, works)).toBe(false);
  // The machine slept: what is told of the process counts.
  expect(await isAlive("/run", hours, works)).toBe(true);
  expect(await isAlive("/run", sign, other)).toBe(false);
  expect(await isAlive("/run", sign, untold)).toBe(true);
  expect(await isAlive("/run", hours, untold)).toBe(false);
});

test("events are read as their lines are finished, whatever lies between", async () => {
  const file = join(scratch, "events.jsonl");
  const tail = new EventTail(file);
  expect(await tail.read()).toEqual([]);
  const line = Buffer.from(`${JSON.stringify({ type: "warning", message: "größer als 😀" })}\n`);
  // Cut inside of a letter of four bytes.
  const cut = line.indexOf(Buffer.from("😀")) + 2;
  writeFileSync(file, line.subarray(0, cut));
  expect(await tail.read()).toEqual([]);
  appendFileSync(file, line.subarray(cut));
  expect(await tail.read()).toEqual([{ type: "warning", message: "größer als 😀" }]);
  const bad = ["", "{", "[]", '{"type":"step"}', '{"type":"no such"}', '{"type":"warning","message":7}'];
  appendFileSync(file, `${bad.join("\n")}\n${JSON.stringify({ type: "paused" })}\n{"type":"resu`);
  expect(await tail.read()).toEqual([{ type: "paused" }]);
  appendFileSync(file, 'med"}\n');
  expect(await tail.read()).toEqual([{ type: "resumed" }]);
  expect(await tail.read()).toEqual([]);
});
