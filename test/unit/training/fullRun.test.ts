import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readManifest } from "../../../src/core/model/index.ts";
import { runTraining, TrainingControl } from "../../../src/core/training/index.ts";
import { resizedModel } from "../../../src/core/training/run/resizedModel.ts";
import { COMBINED, TRAINING_DEFAULTS, type TrainingEvent, type TrainingOptions } from "../../../src/shared/index.ts";
import { writeConvModel, writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

let root: string;
let folder: string;
let model: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-full-"));
  folder = join(root, "images");
  model = writeConvModel(join(root, "conv.onnx"));
  await drawClasses(folder, 12, 4);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function train(into: string, given: Partial<TrainingOptions> = {}, interruptAt = Number.POSITIVE_INFINITY) {
  const options: TrainingOptions = {
    ...TRAINING_DEFAULTS,
    ...{ folder, mode: "full", device: "cpu", epochs: 3, classesPerBatch: 3, learnP: true, ...given },
  };
  const events: TrainingEvent[] = [];
  const control = new TrainingControl();
  const abort = new AbortController();
  let steps = 0;
  const result = await runTraining(options, join(root, into), {
    name: "mine",
    model: async () => model,
    control,
    signal: abort.signal,
    onEvent(event) {
      events.push(event);
      if (event.type === "step" && ++steps === interruptAt) control.set("pause");
      if (event.type === "paused") abort.abort(new Error("gone"));
    },
  });
  return { result, events };
}

test("end to end: the loss falls, exponents move, and a resumed run ends with the same bits", async () => {
  const { result, events } = await train("whole");
  const steps = events.flatMap((event) => (event.type === "step" ? [event] : []));
  expect(steps).toHaveLength(6);
  expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss);
  expect(steps.at(-1)!.p["gem"]).not.toBe(steps[0]!.p["gem"]);
  const manifest = readManifest(readFileSync(result.model), result.model);
  expect(manifest).toMatchObject({
    name: "mine",
    training: { method: "trained end to end", losses: ["triplet", "softmax"] },
  });
  expect(Object.keys(result.trained)).toEqual(["spoc", "gem", COMBINED]);

  await expect(train("parts", {}, 3)).rejects.toThrow("gone");
  const { result: resumed } = await train("parts");
  expect(readFileSync(resumed.model).equals(readFileSync(result.model))).toBe(true);
});

test("a smaller input is the model's input afterwards", async () => {
  const { result } = await train("small", { inputSize: 40, epochs: 1 });
  expect(readManifest(readFileSync(result.model), result.model).input).toMatchObject({ width: 40, height: 40 });
});

test("without the last downsampling it trains as a model that was made without it, from its first heads on", async () => {
  const { result, events } = await train("removed", { lastDownsampling: "removed", inputSize: 40 });
  const manifest = readManifest(readFileSync(result.model), result.model);
  expect(manifest.backbone.lastDownsampling).toBe("removed");
  expect(manifest.backbone.taps).toMatchObject([{ height: 20, width: 20 }]);

  const kept = model;
  model = join(root, "flat.onnx");
  const layout = { inputSize: 40, removeLastDownsampling: true };
  writeFileSync(model, resizedModel({ bytes: readFileSync(kept), file: "conv", ...layout }));
  const same = await train("flat");
  const learned = (all: readonly TrainingEvent[]) => all.filter(({ type }) => type === "step" || type === "evaluation");
  expect(learned(events).length).toBeGreaterThan(6);
  expect(learned(events)).toEqual(learned(same.events));

  const back = train("back", { lastDownsampling: "kept" });
  await expect(back).rejects.toThrow(/is removed already.*start from a model that has it/);
  model = kept;
  const asItIs = await train("kept", { lastDownsampling: "kept", inputSize: 40 });
  expect(learned(asItIs.events)).not.toEqual(learned(events));
});

test("a warm-up is slow at first, and goes on with the same bits", async () => {
  const whole = await train("warm", { warmupSteps: 5 });
  const losses = ({ events }: typeof whole) => events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
  const atOnce = await train("at once");
  // The same first batch; behind it a fifth of the step was taken.
  const [first, second] = losses(whole);
  expect(first).toBe(losses(atOnce)[0]);
  expect(second).not.toBe(losses(atOnce)[1]);
  await expect(train("warm parts", { warmupSteps: 5 }, 3)).rejects.toThrow("gone");
  const { result } = await train("warm parts", { warmupSteps: 5 });
  expect(readFileSync(result.model).equals(readFileSync(whole.result.model))).toBe(true);
});

test("with the batch's statistics it trains otherwise than frozen, and goes on with the same bits", async () => {
  const whole = await train("norms", { batchNorm: "batch" });
  const losses = ({ events }: typeof whole) => events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
  const frozen = await train("folded");
  expect(losses(whole).at(-1)).not.toBeCloseTo(losses(frozen).at(-1)!, 6);
  await expect(train("norm parts", { batchNorm: "batch" }, 3)).rejects.toThrow("gone");
  const { result } = await train("norm parts", { batchNorm: "batch" });
  expect(readFileSync(result.model).equals(readFileSync(whole.result.model))).toBe(true);
});

test("what cannot be trained end to end is told, with what can be done instead", async () => {
  await expect(train("stage", { trainFrom: "layer9" })).rejects.toThrow(/no stage "layer9".*The mode head trains any/);
  model = writeGridModel(join(root, "int.onnx"), [{ kind: "RMAC" }]);
  await expect(train("regions", { inputSize: 64 })).rejects.toThrow(/Train a head instead/);
});
