/** The product's side of `npm run bench -- train`, in a process of its own: speaks as train.py does. */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openBackbone } from "../../src/core/model/backbones/index.ts";
import { buildModel, type Head, parseDescriptors } from "../../src/core/model/index.ts";
import { openFullStep, openHeadStep, type StepReport } from "../../src/core/training/index.ts";
import { TRAINING_DEFAULTS } from "../../src/shared/index.ts";

const [DIM, CLASSES] = [512, 100];

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const headsFor = (dims: readonly number[]): Head[] =>
  dims.map((n) => ({
    weights: Float32Array.from({ length: n * DIM }, () => random() / Math.sqrt(n)),
    bias: new Float32Array(DIM),
    dim: DIM,
  }));

async function openHead(): Promise<() => Promise<StepReport>> {
  const [dims, batch] = [[1344, 1792, 1344], 128];
  const bytes = buildModel({
    name: "embeddings",
    backbone: {
      backbone: {
        name: "none",
        lastDownsampling: "kept",
        taps: dims.map((channels, i) => ({ name: `map_${i}`, channels, height: 4, width: 4 })),
      },
      weights: { source: "none", version: "1", licence: "none" },
      inputSize: 4,
      addTo: (_, pixels) => dims.map(() => pixels),
    },
    branches: dims.map((_, tap) => ({ kind: "SPoC", tap })),
  });
  const heads = headsFor(dims);
  const step = await openHeadStep({
    bytes,
    file: "m",
    heads,
    classes: CLASSES,
    batch,
    losses: TRAINING_DEFAULTS,
    seed: 1,
    threads: 1,
  });
  const input = dims.map((n) => {
    const rows = Float32Array.from({ length: batch * n }, () => Math.abs(random()));
    for (let i = 0; i < batch; i++) {
      const row = rows.subarray(i * n, (i + 1) * n);
      const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
      for (let j = 0; j < n; j++) row[j]! /= norm;
    }
    return rows;
  });
  const labels = Int32Array.from({ length: batch }, (_, i) => Math.floor(i / 4));
  return () => step.run(input, labels, 1e-4);
}

async function openFull(folder: string): Promise<() => Promise<StepReport>> {
  const batch = 8;
  const backbone = openBackbone("resnet50", {
    weights: join(folder, "weights.safetensors"),
    lastDownsampling: "removed",
  });
  const step = await openFullStep({
    bytes: buildModel({ name: "resnet50", backbone, branches: parseDescriptors("SMG") }),
    file: "m",
    heads: headsFor([2048, 2048, 2048]),
    trainFrom: null,
    learnP: false,
    classes: CLASSES,
    batch,
    losses: TRAINING_DEFAULTS,
    seed: 1,
    threads: 1,
  });
  const images = Uint8Array.from({ length: batch * 224 * 224 * 3 }, () => 128 + 127 * random());
  const labels = Int32Array.from({ length: batch }, (_, i) => Math.floor(i / 2));
  return () => step.run(images, labels, 1e-4);
}

const [mode, folder] = process.argv.slice(2);
const step = mode === "full" ? await openFull(folder!) : await openHead();
console.log(JSON.stringify({ ready: "lookalike" }));
for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  let loss = 0;
  for (let i = 0; i < Number(line); i++) loss = (await step()).loss;
  const { user, system } = process.cpuUsage(before);
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds: (user + system) / 1e6 / Number(line), loss, mebibytes }));
}
process.exit(0);
