import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readManifest } from "../../../src/core/model/index.ts";
import { type RunOptions, runTraining, TrainingControl } from "../../../src/core/training/index.ts";
import { TRAINING_DEFAULTS, type TrainingEvent, type TrainingOptions } from "../../../src/shared/index.ts";
import { PYTHON, TRAINER, whyNoTorch } from "../../fixtures/torch/torch.ts";
import { writeConvModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

const missing = whyNoTorch();
if (missing !== undefined) console.log(`Skipped: trainings with the torch engine; ${missing}.`);

let root: string;
let folder: string;
let model: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-torch-run-"));
  folder = join(root, "images");
  model = writeConvModel(join(root, "conv.onnx"));
  await drawClasses(folder, 12, 4);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** @param at called with each event */
async function train(
  into: string,
  given: Partial<TrainingOptions>,
  at: (event: TrainingEvent, control: TrainingControl, abort: AbortController) => void = () => {},
  torch: RunOptions["torch"] = { script: join(TRAINER, "train.py") },
) {
  const options: TrainingOptions = {
    ...TRAINING_DEFAULTS,
    ...{ folder, mode: "full", device: "cpu", epochs: 3, classesPerBatch: 3, learnP: true, engine: "torch" },
    ...{ python: PYTHON, ...given },
  };
  const events: TrainingEvent[] = [];
  const control = new TrainingControl();
  const abort = new AbortController();
  const result = await runTraining(options, join(root, into), {
    ...{ name: "mine", model: async () => model, control, signal: abort.signal, torch },
    onEvent(event) {
      events.push(event);
      at(event, control, abort);
    },
  });
  return { result, events };
}

const losses = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.type === "step" ? [event.loss] : []));

function expectAlike(ours: readonly number[], theirs: readonly number[]): void {
  expect(ours).toHaveLength(theirs.length);
  for (const [i, loss] of ours.entries()) expect(Math.abs(loss / theirs[i]! - 1)).toBeLessThan(1e-3);
}

test.skipIf(missing !== undefined)(
  "step by step it loses what the built-in engine loses, and finds what it finds",
  async () => {
    const [torch, own] = [await train("torch", {}), await train("own", { engine: "builtIn" })];
    expectAlike(losses(torch.events), losses(own.events));
    expect(losses(own.events)).toHaveLength(6);
    const found = (events: readonly TrainingEvent[]) =>
      events.flatMap((event) => (event.type === "evaluation" ? [[event.epoch, event.recalls, event.best]] : []));
    expect(found(torch.events)).toEqual(found(own.events));
    expect(torch.result.trained).toEqual(own.result.trained);
    expect(torch.events.filter(({ type }) => type === "examples")).toHaveLength(4);
    const manifest = readManifest(readFileSync(torch.result.model), torch.result.model);
    expect(manifest).toMatchObject({ name: "mine", training: { method: "trained end to end" } });
    // Nothing but the model and what it told stays.
    expect(readdirSync(join(root, "torch")).sort()).toEqual(["events.jsonl", "model.onnx", "run.json"]);
  },
);

test.skipIf(missing !== undefined)(
  "proxies, which learn a hundred times as fast, follow the built-in engine's",
  async () => {
    const given = { ranking: "proxyAnchor", classification: "arcFace", epochs: 4 } as const;
    const [torch, own] = [await train("proxies", given), await train("own-proxies", { ...given, engine: "builtIn" })];
    expectAlike(losses(torch.events), losses(own.events));
    expect(torch.result.trained).toEqual(own.result.trained);
  },
);

test.skipIf(missing !== undefined)(
  "ended in the middle it goes on from its checkpoint, as one that was never ended",
  async () => {
    // Long enough that a pause comes before its end, however busy the machine is.
    const given = { mode: "head", epochs: 500 } as const;
    const first: TrainingEvent[] = [];
    const ended = train("parts", given, (event, control, abort) => {
      first.push(event);
      if (event.type === "step" && event.step === 1) control.set("pause");
      if (event.type === "paused") abort.abort(new Error("gone"));
    });
    await expect(ended).rejects.toThrow("gone");
    expect(existsSync(join(root, "parts", "job", "checkpoint.safetensors"))).toBe(true);
    // It goes on with two ranks, and soon is told to stop.
    const { result, events } = await train("parts", { ...given, ranks: 2 }, (event, control) => {
      if (event.type === "step") control.set("stop");
    });
    const done = losses(first).length;
    const again = events.find((event) => event.type === "step");
    expect(again).toMatchObject({ step: done + 1 });
    expect(result.model).toBe(join(root, "parts", "model.onnx"));
  },
  120_000,
);

test.skipIf(missing !== undefined)("stopped it keeps the best so far", async () => {
  const { result, events } = await train("stopped", { epochs: 400 }, (event, control) => {
    if (event.type === "step" && event.step === 3) control.set("stop");
  });
  expect(result.stopped).toBe(true);
  expect(events.map(({ type }) => type)).toContain("stopping");
});

test("without torch it says what can be done, before anything is embedded", async () => {
  const nowhere = train("nowhere", { python: process.execPath });
  await expect(nowhere).rejects.toThrow(/No Python with torch was found.*--python.*train with the built-in engine/);
  await expect(train("gone", { python: join(root, "no python") })).rejects.toThrow(/there is no such program/);
  await expect(train("white", { mode: "whiten" })).rejects.toThrow(/Use the built-in engine/);
});

test.skipIf(missing !== undefined)("ranks that cannot share a batch are refused", async () => {
  await expect(train("ranks", { ranks: 5 })).rejects.toThrow(/cannot be shared evenly by 5 ranks/);
});
