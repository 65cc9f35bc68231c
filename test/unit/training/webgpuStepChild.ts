/**
 * Takes steps on WebGPU and on the CPU, and prints what came of them as JSON: a process of its own, since the graphics
 * driver is found by the environment that a process starts with.
 */
import { readFileSync } from "node:fs";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { type FullStepOptions, openFullStep } from "../../../src/core/training/index.ts";
import { openOnDevice } from "../../../src/core/training/stepDevice.ts";
import type { Device } from "../../../src/shared/index.ts";
import { LOSSES } from "./reference.ts";

const [file = ""] = process.argv.slice(2);
const BATCH = 6;
const pixels = Uint8Array.from({ length: BATCH * 32 * 32 * 3 }, (_, i) => (i * 31 + (i >> 7) * 17) % 256);

async function steps(device: Device, changes: Partial<FullStepOptions>) {
  const step = await openFullStep({
    ...{ bytes: readFileSync(file), file, trainFrom: null, learnP: true, classes: 3, batch: BATCH, seed: 1, device },
    ...{ losses: LOSSES, threads: 1, ...changes },
  });
  const losses: number[] = [];
  for (let i = 0; i < 2; i++) losses.push((await step.run(pixels, Int32Array.of(0, 0, 1, 1, 2, 2), 1e-3)).loss);
  await step.close();
  return { use: step.device, losses };
}

const kinds: Partial<FullStepOptions>[] = [
  {},
  { losses: { ...LOSSES, ranking: "multiSimilarity", classification: "focal" }, batchNorm: "batch" },
];
const taken = [];
for (const kind of kinds) taken.push({ there: await steps("webgpu", kind), here: await steps("cpu", kind) });

const graph = new GraphBuilder("in part");
graph.op("LRN", [graph.input("x", "float32", [1, 4, 2, 2])], { size: 3 }, "y");
graph.output("y", "float32", [1, 4, 2, 2]);
const { session, use } = await openOnDevice(graph.encode(), { device: "webgpu" }, {});
await session.release();
console.log(JSON.stringify({ taken, part: use }));
