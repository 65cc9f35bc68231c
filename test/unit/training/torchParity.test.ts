import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { readSafetensors } from "../../../src/core/model/index.ts";
import { type FullStepOptions, openFullStep } from "../../../src/core/training/index.ts";
import { openFullNetwork } from "../../../src/core/training/network/fullNetwork.ts";
import { TORCH_OPERATORS } from "../../../src/core/training/torch/graph.ts";
import { JOB_FILES, jobNetworkOf, writeJob } from "../../../src/core/training/torch/job.ts";
import { TRAINING_DEFAULTS } from "../../../src/shared/index.ts";
import { runPython, TRAINER, whyNoTorch } from "../../fixtures/torch/torch.ts";
import { writeConvModel } from "./support.ts";

const missing = whyNoTorch();
if (missing !== undefined) console.log(`Skipped: the torch engine against the built-in one; ${missing}.`);

const [BATCH, CLASSES] = [8, 5];
const LABELS = Int32Array.of(0, 0, 1, 1, 2, 2, 4, 4);

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** |a - b| / |b|, the norm of a tensor's difference in that of the tensor. */
function relative(a: Float32Array, b: Float32Array): number {
  return norm(a.map((x, i) => x - b[i]!)) / Math.max(norm(b), 1e-12);
}

/** Takes one step with both engines, from the same weights on the same batch. */
async function compare(
  options: FullStepOptions,
  side: number,
): Promise<Record<"loss" | "gradient" | "together" | "embedding", number>> {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-parity-"));
  try {
    const pixels = Uint8Array.from({ length: BATCH * side * side * 3 }, (_, i) => {
      const image = Math.floor(i / (side * side * 3));
      return 128 + 90 * Math.sin(i * (0.001 + 0.0004 * LABELS[image]!)) + 30 * Math.sin(i * 12.9898 + image);
    });
    writeFileSync(join(folder, JOB_FILES.train), pixels);
    const network = jobNetworkOf(openFullNetwork(options), options.file);
    const none = { count: 0, height: side, width: side, labels: [] };
    const entries = Int32Array.from({ length: BATCH * 4 }, (_, i) => (i % 4 === 0 ? i / 4 : 0));
    await writeJob(folder, {
      ...{ key: "parity", network, losses: options.losses, evaluateEvery: 1 },
      plan: { batch: BATCH, stepsPerEpoch: 1, epochs: 1, learningRates: [1e-4], entries },
      images: {
        train: { count: BATCH, height: side, width: side, labels: [...LABELS] },
        validation: none,
        test: none,
      },
    });
    runPython("engineStep.py", TRAINER, folder);
    const told = readSafetensors(join(folder, "step.safetensors"));

    const step = await openFullStep(options);
    const embedded = await step.embed(pixels, BATCH);
    const names = network.branches.map(({ name }) => name);
    const embedding = Math.max(
      ...names.flatMap((name, b) => {
        const theirs = told.floats(`branch/${name}`).values;
        return [...embedded[b]!].map((x, i) => Math.abs(x - theirs[i]!));
      }),
    );
    const { rankingLoss, classificationLoss } = await step.run(pixels, LABELS, 1e-4);
    const state = step.state();
    await step.close();
    const loss = relative(Float32Array.of(rankingLoss, classificationLoss), told.floats("losses").values);
    const pairs = told.names
      .filter((name) => name.startsWith("gradient/"))
      .map((name) => [state.get(`${name.slice("gradient/".length)}/m`)!, told.floats(name).values] as const);
    const gradients = pairs.map(([ours, theirs]) => relative(theirs, ours));
    expect(gradients.length).toBeGreaterThan(5);
    const sum = (values: readonly number[]) => Math.sqrt(values.reduce((total, x) => total + x * x, 0));
    const wholes = pairs.map(([ours, theirs]) => [norm(theirs.map((x, i) => x - ours[i]!)), norm(ours)] as const);
    const together = sum(wholes.map(([difference]) => difference)) / sum(wholes.map(([, whole]) => whole));
    return { loss, gradient: Math.max(...gradients), together, embedding };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const OPTIONS = {
  classes: CLASSES,
  batch: BATCH,
  losses: { ...TRAINING_DEFAULTS, margin: 0.3 },
  seed: 1,
  trainFrom: null,
  learnP: true,
} as const;

test.skipIf(missing !== undefined).each([
  ["triplet", "softmax", "frozen"],
  ["multiSimilarity", "focal", "frozen"],
  ["contrastive", "none", "batch"],
] as const)(
  "a step with %s and %s, batch norm %s, is the built-in one's",
  async (ranking, classification, batchNorm) => {
    const folder = mkdtempSync(join(tmpdir(), "lookalike-parity-"));
    const bytes = readFileSync(writeConvModel(join(folder, "conv.onnx")));
    rmSync(folder, { recursive: true });
    const losses = { ...OPTIONS.losses, ranking, classification };
    const worst = await compare({ ...OPTIONS, bytes, file: "conv.onnx", losses, batchNorm }, 32);
    expect(worst.embedding).toBeLessThan(1e-5);
    expect(worst.loss).toBeLessThan(1e-4);
    expect(worst.gradient).toBeLessThan(1e-4);
  },
);

test.skipIf(missing !== undefined).each(["frozen", "batch"] as const)(
  "a step of the default model with SPoC, MAC and GeM, batch norm %s, is the built-in one's",
  async (batchNorm) => {
    const bytes = readFileSync(ensureDefaultModel());
    const given = { ...OPTIONS, bytes, file: "default", batchNorm, inputSize: 64, removeLastDownsampling: true };
    const worst = await compare(given, 64);
    console.log(`default model, batch norm ${batchNorm}, worst differences:`, worst);
    expect(worst.embedding).toBeLessThan(1e-5);
    expect(worst.loss).toBeLessThan(1e-4);
    // Rounding falls to either side of some kinks of ReLU6 and of the maximum; the gradient as a whole hardly sees it. A shift
    // before another batch norm has none at all, but for rounding.
    if (batchNorm === "frozen") expect(worst.gradient).toBeLessThan(1e-2);
    expect(worst.together).toBeLessThan(2e-2);
  },
);

test.skipIf(missing !== undefined)("both sides name the same operators", () => {
  const theirs = runPython("engineOperators.py", TRAINER);
  expect(theirs.trim().split("\n").sort()).toEqual([...TORCH_OPERATORS].sort());
});
