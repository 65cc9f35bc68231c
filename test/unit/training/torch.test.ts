import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBackbone } from "../../../src/core/model/backbones/index.ts";
import { buildModel, type Head, parseDescriptors } from "../../../src/core/model/index.ts";
import { readSafetensors, type Safetensors } from "../../../src/core/model/safetensors.ts";
import { openFullStep, openHeadStep, type TrainingStep } from "../../../src/core/training/index.ts";
import { runTorch, whyNoTorch } from "../../fixtures/torch/torch.ts";
import { embeddingModel } from "./embeddingModel.ts";
import { LOSSES, relativeError } from "./reference.ts";

const missing = whyNoTorch();
if (missing !== undefined)
  console.log(`Skipped: training against torch; ${missing}. On Debian: apt-get install python3-torch libopenblas0`);

/** As in train.py. */
const [BATCH, CLASSES, DIM, STEPS, RATE] = [8, 5, 16, 3, 1e-3];
const LABELS = Int32Array.of(0, 0, 1, 1, 2, 2, 4, 4);

const headsOf = (start: Safetensors): Head[] =>
  [0, 1, 2].map((i) => ({
    weights: start.floats(`head${i}/weights`).values,
    bias: start.floats(`head${i}/bias`).values,
    dim: DIM,
  }));

/** Torch's values by the names of the step's parameters, which both have in the order of the network. */
function pairUp<Input>(step: TrainingStep<Input>, expected: Safetensors): [string, string][] {
  const ours = [...step.state().keys()].filter((name) => !/\/[mv]$|^t$/.test(name));
  const theirs = expected.names.filter((name) => name.startsWith("after/")).map((name) => name.slice("after/".length));
  expect(ours).toHaveLength(theirs.length);
  return ours.map((name, i) => [name, theirs[i]!]);
}

async function compare<Input>(step: TrainingStep<Input>, batches: readonly Input[], folder: string): Promise<void> {
  const start = readSafetensors(join(folder, "start.safetensors"));
  const expected = readSafetensors(join(folder, "expected.safetensors"));
  const pairs = pairUp(step, expected);
  const state = new Map(step.state());
  for (const name of ["classifier/weights", "classifier/bias"]) state.set(name, start.floats(name).values);
  step.restore(state);

  const embedded = await step.embed(batches[0]!, BATCH);
  const embedding = Math.max(
    ...embedded.map((rows, i) => relativeError(rows, expected.floats(`embeddings${i}`).values)),
  );
  const losses: number[] = [];
  let gradient = 0;
  for (const [i, batch] of batches.entries()) {
    const { rankingLoss, classificationLoss } = await step.run(batch, LABELS, RATE);
    losses.push(rankingLoss, classificationLoss);
    if (i > 0) continue;
    const first = step.state();
    for (const [ours, theirs] of pairs) {
      const m = first.get(`${ours}/m`)!.map((x) => x * 10);
      gradient = Math.max(gradient, relativeError(m, expected.floats(`gradient/${theirs}`).values));
    }
  }
  const after = step.state();
  await step.close();
  const loss = relativeError(losses, expected.floats("losses").values);
  // Where a gradient is nearly zero, Adam's first steps are about its sign, so parameters are compared by what they moved on average.
  const moved = pairs.map(([ours, theirs]) => {
    const values = expected.floats(`after/${theirs}`).values;
    return after.get(ours)!.reduce((sum, x, i) => sum + Math.abs(x - values[i]!), 0) / values.length;
  });
  const parameters = Math.max(...moved) / (STEPS * RATE);
  const shown = { embedding, loss, gradient, parameters };
  console.log(`worst differences to torch (${pairs.length} parameters):`, shown);
  expect(embedding).toBeLessThan(1e-5);
  expect(loss).toBeLessThan(1e-4);
  expect(gradient).toBeLessThan(5e-4);
  expect(parameters).toBeLessThan(1e-2);
}

test.skipIf(missing !== undefined)("a head trains as in torch", async () => {
  const folder = runTorch("train.py", "head");
  try {
    const start = readSafetensors(join(folder, "start.safetensors"));
    const inputs = [0, 1, 2].map((i) => start.floats(`x${i}`));
    const dims = inputs.map(({ shape }) => shape[2]!);
    const options = { file: "m.onnx", classes: CLASSES, batch: BATCH, losses: LOSSES, seed: 1 };
    const step = await openHeadStep({ bytes: embeddingModel(dims), heads: headsOf(start), ...options });
    const batches = Array.from({ length: STEPS }, (_, s) =>
      inputs.map(({ values }, i) => values.slice(s * BATCH * dims[i]!, (s + 1) * BATCH * dims[i]!)),
    );
    await compare(step, batches, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.skipIf(missing !== undefined)(
  "a ResNet-18 trains end to end as in torch",
  async () => {
    const folder = runTorch("train.py", "full");
    try {
      const start = readSafetensors(join(folder, "start.safetensors"));
      const weights = join(folder, "weights.safetensors");
      const backbone = openBackbone("resnet18", { weights, inputSize: 64 });
      const bytes = buildModel({ name: "resnet18", backbone, branches: parseDescriptors("SMG") });
      const step = await openFullStep({
        bytes,
        file: "m.onnx",
        heads: headsOf(start),
        removeLastDownsampling: true,
        trainFrom: null,
        learnP: false,
        classes: CLASSES,
        batch: BATCH,
        losses: LOSSES,
        seed: 1,
      });
      const images = Uint8Array.from(start.floats("images").values);
      const size = images.length / STEPS;
      await compare(
        step,
        Array.from({ length: STEPS }, (_, s) => images.subarray(s * size, (s + 1) * size)),
        folder,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  120_000,
);
