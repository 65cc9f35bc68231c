import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { buildModel, openBackbone, parseDescriptors } from "../../../src/core/model/index.ts";
import { TORCH_OPERATORS } from "../../../src/core/training/torch/graph.ts";
import { TRAINING_DEFAULTS } from "../../../src/shared/index.ts";
import { runPython, runTorch, TRAINER, whyNoTorch } from "../../fixtures/torch/torch.ts";
import { writeConvModel } from "../../fixtures/trainableModels.ts";
import { BATCH, CLASSES, compareEngines } from "./engineParity.ts";
import { tinyVit, VIT_SIDE } from "./tinyVit.ts";

const missing = whyNoTorch();
if (missing !== undefined) console.log(`Skipped: the torch engine against the built-in one; ${missing}.`);

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
  ["proxyAnchor", "arcFace", "frozen"],
  ["proxyAnchor", "none", "batch"],
] as const)(
  "a step with %s and %s, batch norm %s, is the built-in one's",
  async (ranking, classification, batchNorm) => {
    const folder = mkdtempSync(join(tmpdir(), "lookalike-parity-"));
    const bytes = readFileSync(writeConvModel(join(folder, "conv.onnx")));
    rmSync(folder, { recursive: true });
    const losses = { ...OPTIONS.losses, ranking, classification };
    const worst = await compareEngines({ ...OPTIONS, bytes, file: "conv.onnx", losses, batchNorm }, 32);
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
    const worst = await compareEngines(given, 64);
    console.log(`default model, batch norm ${batchNorm}, worst differences:`, worst);
    expect(worst.embedding).toBeLessThan(1e-5);
    expect(worst.loss).toBeLessThan(1e-4);
    // In so deep a network float32 itself is far off where little is left of a gradient (of a shift before another batch norm
    // nothing is): torch's by 0.1 and more. The built-in one is to be no worse, but for where rounding falls beside a kink.
    expect(worst.rounding).toBeLessThan(20);
  },
);

test.skipIf(missing !== undefined)(
  "a step of a ResNet-50 with the batch's statistics is the built-in one's",
  async () => {
    const folder = runTorch("resnet.py", "resnet50");
    const weights = join(folder, "weights.safetensors");
    const backbone = openBackbone("resnet50", { weights, inputSize: 32 });
    const bytes = buildModel({ name: "resnet50", backbone, branches: parseDescriptors("SMG") });
    rmSync(folder, { recursive: true });
    const given = { ...OPTIONS, bytes, file: "resnet50", batchNorm: "batch", removeLastDownsampling: true } as const;
    // Of these pictures none of 1.8 million activations is so near to zero that rounding decides its side (docs/training.md).
    const worst = await compareEngines(given, 32, 7);
    console.log("ResNet-50, worst differences:", worst);
    expect(worst.embedding).toBeLessThan(1e-5);
    expect(worst.loss).toBeLessThan(1e-4);
    expect(worst.rounding).toBeLessThan(4);
  },
  300_000,
);

test.skipIf(missing !== undefined).each([
  ["its own weights", null],
  ["small matrices beside queries and values (LoRA)", 4],
] as const)("a step of a transformer with %s is the built-in one's", async (_, loraRank) => {
  const worst = await compareEngines({ ...OPTIONS, bytes: tinyVit(), file: "vit", loraRank }, VIT_SIDE);
  console.log("transformer, worst differences:", worst);
  expect(worst.embedding).toBeLessThan(1e-5);
  expect(worst.loss).toBeLessThan(1e-4);
  expect(worst.rounding).toBeLessThan(20);
});

test.skipIf(missing !== undefined)("both sides name the same operators", () => {
  const theirs = runPython("engineOperators.py", TRAINER);
  expect(theirs.trim().split("\n").sort()).toEqual([...TORCH_OPERATORS].sort());
});
