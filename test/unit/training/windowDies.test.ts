import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TrainingRuns } from "../../../src/extension/training/trainingRuns.ts";
import { RUN_FILES, type TrainingEvent } from "../../../src/shared/index.ts";
import { writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

const TRAINER = resolve(import.meta.dirname, "../../../src/trainer/main.ts");
let root: string;
let folder: string;
let runs: TrainingRuns;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-window-"));
  folder = join(root, "training");
  runs = new TrainingRuns({ folder, trainer: TRAINER, interval: 50 });
  await drawClasses(join(root, "images"), 8, 4);
});
afterEach(async () => {
  for (const { id, alive } of await runs.list()) {
    if (!alive) continue;
    await runs.control(id, "stop");
    await expect.poll(async () => (await runs.find(id))?.alive, { timeout: 30_000 }).toBe(false);
  }
  rmSync(root, { recursive: true, force: true });
});

function stepsOf(id: string): number[] {
  const file = join(folder, id, RUN_FILES.events);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as TrainingEvent)
    .flatMap((event) => (event.type === "step" ? [event.step] : []));
}

/** Starts a training in a process that stands for a window, and kills that once the training has made steps. */
async function startAndKill(outlives: boolean): Promise<string> {
  const model = writeGridModel(join(root, "grid.onnx"));
  const window = fork(join(import.meta.dirname, "windowChild.ts"), [], { execArgv: [] });
  window.send({ folder, trainer: TRAINER, outlives, images: join(root, "images"), model });
  const [id] = (await once(window, "message")) as [string];
  await expect.poll(() => stepsOf(id).length, { timeout: 50_000 }).toBeGreaterThan(3);
  window.kill("SIGKILL");
  await once(window, "exit");
  return id;
}

test("a trainer that is to end with its window keeps its state within seconds, and goes on from that very step", async () => {
  const id = await startAndKill(false);
  await expect.poll(async () => (await runs.find(id))?.alive, { timeout: 20_000 }).toBe(false);
  expect(await runs.find(id)).toMatchObject({ interrupted: true });
  expect(existsSync(join(folder, id, RUN_FILES.checkpoint))).toBe(true);
  const before = stepsOf(id).length;
  await runs.resume(id);
  await expect.poll(() => stepsOf(id).length, { timeout: 50_000 }).toBeGreaterThan(before + 2);
  const steps = stepsOf(id);
  expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
});

test("by default it goes on, and the next window finds it", async () => {
  const id = await startAndKill(true);
  const before = stepsOf(id).length;
  await expect.poll(() => stepsOf(id).length, { timeout: 20_000 }).toBeGreaterThan(before + 3);
  expect(await runs.find(id)).toMatchObject({ alive: true, interrupted: false });
});
