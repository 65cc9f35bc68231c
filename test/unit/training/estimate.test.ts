import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Embedder, openEmbedder } from "../../../src/core/runtime/index.ts";
import { readTrainingSet } from "../../../src/core/training/data/trainingSet.ts";
import { prepareNetwork } from "../../../src/core/training/network/prepare.ts";
import { workOf } from "../../../src/core/training/network/work.ts";
import { estimateSeconds } from "../../../src/core/training/run/estimate.ts";
import { TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";
import { drawClasses, writeConvModel, writeGridModel } from "./support.ts";

let root: string;
let model: string;
let embedder: Embedder;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-estimate-"));
  model = writeConvModel(join(root, "conv.onnx"));
  await drawClasses(join(root, "images"), 8, 4);
  embedder = await openEmbedder(model, { device: "cpu" });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await embedder.release();
  rmSync(root, { recursive: true, force: true });
});

/** 3 x 3 kernels: 3 to 8 channels on 16 x 16 positions, then 8 to 12 on 8 x 8. */
const [FIRST, SECOND] = [9 * 3 * 8 * 16 * 16, 9 * 8 * 12 * 8 * 8];

test("the work of a network: by hand as it is, of twice the side, and without its last downsampling", () => {
  const work = (form: Partial<Parameters<typeof prepareNetwork>[0]> = {}) =>
    workOf(prepareNetwork({ bytes: readFileSync(model), file: "conv", ...form }));
  expect(work()).toBe(FIRST + SECOND);
  expect(work({ inputSize: 64 })).toBe(4 * (FIRST + SECOND));
  expect(work({ removeLastDownsampling: true })).toBe(FIRST + 4 * SECOND);
});

/** With a clock that goes on by a second whenever somebody looks, an image takes an eighth of a second. */
async function estimate(given: Partial<TrainingOptions>, on: Embedder = embedder): Promise<number | null> {
  const options: TrainingOptions = { ...TRAINING_DEFAULTS, folder: join(root, "images"), ...given };
  const set = await readTrainingSet(options);
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 1000;
    return now;
  });
  return estimateSeconds(options, set, { ...on, embed: async () => new Float32Array() });
}

test("a full training takes the epochs' steps and tests, each as long as its network has work", async () => {
  const [train, test] = [16, 16];
  const embedded = (test + 3 * train) / 8;
  const shown = (5 * train + test) / 8;
  const full = { mode: "full", epochs: 2 } as const;
  expect(await estimate(full)).toBeCloseTo(embedded + 2 * shown, 9);
  expect(await estimate({ ...full, lastDownsampling: "kept" })).toBeCloseTo(embedded + 2 * shown, 9);
  const flat = (FIRST + 4 * SECOND) / (FIRST + SECOND);
  expect(await estimate({ ...full, lastDownsampling: "removed" })).toBeCloseTo(embedded + 2 * flat * shown, 9);
  expect(await estimate({ ...full, inputSize: 64 })).toBeCloseTo(embedded + 2 * 4 * shown, 9);
  expect(await estimate({ mode: "head", lastDownsampling: "removed" })).toBeCloseTo((test + 7 * train) / 8, 9);
});

test("there is no estimate of what cannot be trained", async () => {
  const grid = await openEmbedder(writeGridModel(join(root, "grid.onnx")), { device: "cpu" });
  expect(await estimate({ mode: "full", lastDownsampling: "removed" }, grid)).toBeNull();
  await grid.release();
});
