import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { type Embedder, openEmbedder } from "../../../src/core/runtime/index.ts";
import { readTrainingSet } from "../../../src/core/training/data/trainingSet.ts";
import { prepareNetwork } from "../../../src/core/training/network/prepare.ts";
import { chooseTrainable } from "../../../src/core/training/network/trainable.ts";
import { workOf } from "../../../src/core/training/network/work.ts";
import { estimateSeconds } from "../../../src/core/training/run/estimate.ts";
import { TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";
import { writeConvModel, writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

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
  expect(work()).toEqual({ forward: FIRST + SECOND, backward: 0 });
  expect(work({ inputSize: 64 }).forward).toBe(4 * (FIRST + SECOND));
  expect(work({ removeLastDownsampling: true }).forward).toBe(FIRST + 4 * SECOND);
});

/** Expansion, channels, blocks and stride: table 2 of Sandler et al. 2018, with the channels of width 1.4. */
const MOBILENET = [
  [1, 24, 1, 1],
  [6, 32, 2, 2],
  [6, 48, 3, 2],
  [6, 88, 4, 2],
  [6, 136, 3, 1],
  [6, 224, 3, 2],
  [6, 448, 1, 1],
] as const;

/** Multiplications of each convolution of MobileNetV2 1.4, by stage. */
function mobilenetConvolutions(side: number, lastDownsampling: boolean): { stage: string; work: number }[] {
  let [half, from, block] = [side / 2, 48, 0];
  const convolutions = [{ stage: "stem", work: 9 * 3 * from * half ** 2 }];
  for (const [expansion, channels, blocks, stride] of MOBILENET) {
    for (let i = 0; i < blocks; i++, block++) {
      const wide = expansion * from;
      const add = (work: number) => convolutions.push({ stage: `block_${block}`, work });
      if (expansion > 1) add(from * wide * half ** 2);
      if (i === 0 && stride === 2 && (lastDownsampling || block !== 13)) half = Math.ceil(half / 2);
      add(9 * wide * half ** 2);
      add(wide * channels * half ** 2);
      from = channels;
    }
  }
  return [...convolutions, { stage: "conv_1", work: from * 1792 * half ** 2 }];
}

test.each([
  ["all of it", null, undefined, false],
  ["from block_6 on", "block_6", undefined, false],
  ["from block_13 on, without the last downsampling", "block_13", 96, true],
  ["the last convolution", "conv_1", 112, false],
])("the work of gradients ends where training starts: %s", (_, trainFrom, inputSize, removeLastDownsampling) => {
  const network = prepareNetwork({
    bytes: readFileSync(ensureDefaultModel()),
    file: "m",
    inputSize,
    removeLastDownsampling,
  });
  const { constants } = chooseTrainable(network, "m", { trainFrom, learnP: false });
  const all = mobilenetConvolutions(inputSize ?? 224, !removeLastDownsampling);
  const sum = (part: typeof all) => part.reduce((total, { work }) => total + work, 0);
  const trained = trainFrom === null ? all : all.slice(all.findIndex(({ stage }) => stage === trainFrom));
  // Of its weights and of its input each; the first one's input leads to nothing that is trained.
  const backward = 2 * sum(trained) - trained[0]!.work;
  expect(workOf(network, new Set(constants.keys()))).toEqual({ forward: sum(all), backward });
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

test("a full training takes its start, the epochs' steps and their evaluations", async () => {
  // 8 classes of 4 images, half of them held out; too few to hold out some for validation, or to adapt a model.
  const [train, test] = [16, 16];
  /** @param forward multiplications of an image @param backward of its gradients */
  const expected = (forward: number, backward: number, epochs = 2) => {
    const work = (multiplications: number) => multiplications / (FIRST + SECOND) / 8;
    const evaluated = (1 + Math.min(epochs, 20) + 1) * test;
    const passes = (4 * train + evaluated) * Math.max(1 / 8, work(forward));
    return test / 8 + passes + epochs * train * Math.max(1 / 8, work(1.4 * forward + 4.2 * backward));
  };
  const full = { mode: "full", epochs: 2 } as const;
  const [forward, backward] = [FIRST + SECOND, FIRST + 2 * SECOND];
  // The start of the heads is timed; with this clock it takes as long each time.
  const heads = (await estimate(full))! - expected(forward, backward);
  expect(heads).toBeGreaterThan(0);
  const expectEstimate = async (given: Partial<TrainingOptions>, seconds: number) =>
    expect(await estimate({ ...full, ...given })).toBeCloseTo(heads + seconds, 9);
  await expectEstimate({ lastDownsampling: "kept" }, expected(forward, backward));
  await expectEstimate({ epochs: 5 }, expected(forward, backward, 5));
  await expectEstimate({ epochs: 40 }, expected(forward, backward, 40));
  await expectEstimate({ lastDownsampling: "removed" }, expected(FIRST + 4 * SECOND, FIRST + 2 * 4 * SECOND));
  await expectEstimate({ inputSize: 64 }, expected(4 * forward, 4 * backward));
});

test("a head takes its start, the epochs' steps and their evaluations, each timed", async () => {
  // One batch holds the 4 classes, so an epoch is a step. With this clock four steps take a second, an evaluation another one.
  const [step, evaluation] = [1 / 4, 1];
  const head = async (given: Partial<TrainingOptions>) => (await estimate({ mode: "head", ...given }))!;
  const ten = await head({ epochs: 10 });
  expect(await head({ epochs: 20 })).toBeCloseTo(ten + 10 * (step + evaluation), 9);
  expect(await head({ epochs: 30 })).toBeCloseTo(ten + 20 * step + 5 * evaluation, 9);
  expect(await head({ epochs: 300 })).toBeCloseTo(ten + 290 * step + 10 * evaluation, 9);
  expect(await head({ epochs: null })).toBeCloseTo(await head({ epochs: 30 }), 9);
  expect(await head({ steps: 300 })).toBeCloseTo(await head({ epochs: 300 }), 9);
  // One class a batch: four steps an epoch.
  const small = { classesPerBatch: 1 };
  expect((await head({ ...small, epochs: 20 })) - (await head({ ...small, epochs: 10 }))).toBeCloseTo(
    10 * (4 * step + evaluation),
    9,
  );
  expect(await head({ epochs: 10, lastDownsampling: "removed" })).toBeCloseTo(ten, 9);
});

test("where torch takes the steps, nothing is known of their time", async () => {
  expect(await estimate({ mode: "head", engine: "torch" })).toBeNull();
  expect(await estimate({ mode: "full", engine: "torch" })).toBeNull();
});

test("there is no estimate of what cannot be trained", async () => {
  const grid = await openEmbedder(writeGridModel(join(root, "grid.onnx")), { device: "cpu" });
  expect(await estimate({ mode: "full", lastDownsampling: "removed" }, grid)).toBeNull();
  await grid.release();
});
