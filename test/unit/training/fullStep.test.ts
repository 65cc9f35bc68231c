import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";
import { type BranchSpec, buildModel, compactModel, type Head, readManifest } from "../../../src/core/model/index.ts";
import { CannotTrainError, type FullStepOptions, openFullStep } from "../../../src/core/training/index.ts";
import { LOSSES, randomNumbers, relativeError } from "./reference.ts";

const [SIDE, CHANNELS, CLASSES, BATCH] = [32, 48, 3, 6];
const LABELS = Int32Array.of(0, 0, 1, 1, 2, 2);

/** A network in the manner of MobileNetV2: two downsamplings, a depthwise convolution, ReLU6, a shortcut. */
function backbone(extra?: (map: string, graph: Parameters<BackboneSource["addTo"]>[0]) => string): BackboneSource {
  const tap = { name: "last", channels: CHANNELS, height: SIDE / 4, width: SIDE / 4 };
  return {
    backbone: { name: "small", lastDownsampling: "kept", taps: [tap] },
    weights: { source: "none", version: "1", licence: "none" },
    inputSize: SIDE,
    addTo(graph, pixels) {
      const random = randomNumbers(2);
      const conv = (x: string, dims: readonly number[], strides: number, group = 1) => {
        const size = dims.reduce((a, b) => a * b, 1);
        const scale = Math.sqrt(3 / (size / dims[0]!));
        const weights = graph.floats(
          Float32Array.from({ length: size }, () => scale * random()),
          dims,
        );
        const bias = graph.floats(
          Float32Array.from({ length: dims[0]! }, () => 0.1 * random()),
          [dims[0]!],
        );
        return graph.op("Conv", [x, weights, bias], {
          auto_pad: "SAME_UPPER",
          kernel_shape: dims.slice(2),
          strides: [strides, strides],
          group,
        });
      };
      const relu6 = (x: string) => graph.op("Clip", [x, graph.scalar(0), graph.scalar(6)]);
      const centred = graph.op("Sub", [graph.op("Div", [pixels, graph.scalar(100)]), graph.scalar(1.28)]);
      const stem = relu6(conv(centred, [24, 3, 3, 3], 2));
      const inner = relu6(conv(stem, [24, 1, 3, 3], 1, 24));
      const added = graph.op("Add", [stem, conv(inner, [24, 24, 1, 1], 1)]);
      const down = relu6(conv(added, [24, 1, 3, 3], 2, 24));
      const last = relu6(conv(down, [CHANNELS, 24, 1, 1], 1));
      return [extra === undefined ? last : extra(last, graph)];
    },
  };
}

const SMG: readonly BranchSpec[] = [{ kind: "SPoC" }, { kind: "MAC" }, { kind: "GeM" }];
const model = (branches = SMG, source = backbone()) => buildModel({ name: "small", backbone: source, branches });

function heads(count: number): Head[] {
  const random = randomNumbers(9);
  return Array.from({ length: count }, () => ({
    weights: Float32Array.from({ length: CHANNELS * 8 }, () => random() / 4),
    bias: new Float32Array(8),
    dim: 8,
  }));
}

const options = (changes: Partial<FullStepOptions> = {}): FullStepOptions => ({
  bytes: model(),
  file: "small.onnx",
  trainFrom: null,
  learnP: false,
  classes: CLASSES,
  batch: BATCH,
  losses: LOSSES,
  seed: 1,
  threads: 1,
  ...changes,
});

/** Pictures of three kinds: stripes of a width, in noise. */
function pictures(seed: number, side = SIDE): Uint8Array {
  const random = randomNumbers(seed);
  return Uint8Array.from({ length: BATCH * side * side * 3 }, (_, i) => {
    const label = LABELS[Math.floor(i / (side * side * 3))]!;
    const column = Math.floor(i / 3) % side;
    return 128 + 60 * Math.sign(Math.sin((column * (label + 1)) / 2)) + 60 * random();
  });
}

async function run(bytes: Uint8Array, pixels: Uint8Array, side = SIDE) {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const results = await session.run({ image: new Tensor("uint8", pixels, [BATCH, side, side, 3]) });
  await session.release();
  return results;
}

test("training lowers the loss; the model that is written embeds as the step does", async () => {
  const step = await openFullStep(options({ heads: heads(3) }));
  const losses: number[] = [];
  for (let i = 0; i < 40; i++) losses.push((await step.run(pictures(i), LABELS, 3e-3)).loss);
  expect(Math.min(...losses.slice(-5))).toBeLessThan(losses[0]! * 0.7);
  const embedded = await step.embed(pictures(99), BATCH);
  const bytes = step.toModel("trained", { method: "full", images: 6, base: "abc" });
  await step.close();
  const results = await run(bytes, pictures(99));
  for (const [i, name] of ["spoc", "mac", "gem"].entries()) {
    // The file keeps large weights in float16.
    expect(relativeError(results[name]!.data as Float32Array, embedded[i]!)).toBeLessThan(3e-3);
  }
  const manifest = readManifest(bytes, "t.onnx");
  expect(manifest.name).toBe("trained");
  expect(manifest.training).toEqual({ method: "full", images: 6, base: "abc" });
  expect(manifest.descriptors.map(({ dim, fc }) => [dim, fc])).toEqual(Array(3).fill([8, { bias: true }]));
  // A trained model can be trained on.
  const again = await openFullStep(options({ bytes }));
  expect(Number.isFinite((await again.run(pictures(1), LABELS, 1e-3)).loss)).toBe(true);
  await again.close();
});

test("a compact file trains as the same file in float32 does", async () => {
  const palette = model().slice();
  const steps = await Promise.all([
    openFullStep(options()),
    openFullStep(options({ bytes: compactModel(palette, "s") })),
  ]);
  const [plain, compact] = [
    await steps[0]!.run(pictures(1), LABELS, 1e-3),
    await steps[1]!.run(pictures(1), LABELS, 1e-3),
  ];
  expect(Math.abs(plain.loss - compact.loss)).toBeLessThan(5e-3);
  expect([...steps[0]!.state().keys()].sort()).toEqual([...steps[1]!.state().keys()].sort());
  for (const step of steps) await step.close();
});

test("same seed, same bits; a restored state goes on bit for bit", async () => {
  const [a, b, c] = [
    await openFullStep(options()),
    await openFullStep(options()),
    await openFullStep(options({ seed: 2 })),
  ];
  for (let i = 0; i < 3; i++)
    expect(await a.run(pictures(i), LABELS, 1e-3)).toEqual(await b.run(pictures(i), LABELS, 1e-3));
  expect(a.state()).toEqual(b.state());
  const untrained = await c.embed(pictures(7), BATCH);
  c.restore(a.state());
  const before = await c.embed(pictures(7), BATCH);
  expect(before).toEqual(await a.embed(pictures(7), BATCH));
  expect(before).not.toEqual(untrained);
  for (let i = 0; i < 3; i++)
    expect(await c.run(pictures(i), LABELS, 1e-3)).toEqual(await a.run(pictures(i), LABELS, 1e-3));
  expect(c.state()).toEqual(a.state());
  expect(await c.embed(pictures(7), BATCH)).not.toEqual(before);
  for (const step of [a, b, c]) await step.close();
});

test("a learned exponent moves, is told, and is written with its inverse", async () => {
  for (const p of [3, new Float32Array(CHANNELS).fill(3)]) {
    const bytes = model([{ kind: "GeM", p }, { kind: "SPoC" }]);
    const step = await openFullStep(options({ bytes, learnP: true }));
    for (let i = 0; i < 5; i++) await step.run(pictures(i), LABELS, 1e-2);
    const now = step.exponents()["gem"]!;
    expect(Math.abs(now - 3)).toBeGreaterThan(1e-3);
    const embedded = await step.embed(pictures(9), BATCH);
    const trained = step.toModel("t", { method: "full", images: 6 });
    const told = readManifest(trained, "t").descriptors[0]!.p!;
    expect(typeof told === "number" ? told : told.mean).toBe(now);
    const results = await run(trained, pictures(9));
    expect(relativeError(results["gem"]!.data as Float32Array, embedded[0]!)).toBeLessThan(3e-3);
    await step.close();
  }
});

test("the last downsampling is removed and the input resized in the file too", async () => {
  const step = await openFullStep(options({ removeLastDownsampling: true, inputSize: 48 }));
  await step.run(pictures(1, 48), LABELS, 1e-3);
  const bytes = step.toModel("t", { method: "full", images: 6 });
  await step.close();
  const { input, backbone: made } = readManifest(bytes, "t");
  expect([input.width, input.height]).toEqual([48, 48]);
  expect(made).toMatchObject({ lastDownsampling: "removed", taps: [{ height: 24, width: 24 }] });
  const { features } = await run(bytes, pictures(1, 48), 48);
  expect(features!.dims).toEqual([BATCH, CHANNELS, 24, 24]);
});

test("every kind of descriptor and attention trains", async () => {
  const branches: BranchSpec[] = [
    { kind: "wGeM" },
    { kind: "CroW" },
    { kind: "RMAC" },
    { kind: "SPoC", attention: "SE" },
    { kind: "MAC", attention: "CBAM" },
  ];
  const step = await openFullStep(
    options({ bytes: model(branches), learnP: true, losses: { ...LOSSES, ranking: "multiSimilarity" } }),
  );
  const start = step.state();
  for (let i = 0; i < 2; i++) expect(Number.isFinite((await step.run(pictures(i), LABELS, 1e-3)).loss)).toBe(true);
  const state = step.state();
  for (const [name, values] of state) expect(values.every(Number.isFinite), name).toBe(true);
  const still = [...start.keys()].filter(
    (name) => !/\/[mv]$/.test(name) && start.get(name)!.every((x, i) => x === state.get(name)![i]),
  );
  expect(still).toEqual([]);
  await step.close();
});

test("batch norm with the statistics of the batch: starts as the model is, trains, is folded again, and goes on bit for bit", async () => {
  const unfrozen = options({ batchNorm: "batch" });
  const [step, frozen, other] = [
    await openFullStep(unfrozen),
    await openFullStep(options()),
    await openFullStep(unfrozen),
  ];
  const start = await step.embed(pictures(50), BATCH);
  for (const [i, rows] of (await frozen.embed(pictures(50), BATCH)).entries()) {
    expect(relativeError(start[i]!, rows)).toBeLessThan(1e-5);
  }
  const first = [await step.run(pictures(0), LABELS, 1e-3), await frozen.run(pictures(0), LABELS, 1e-3)];
  expect(relativeError([first[0]!.loss], [first[1]!.loss])).toBeLessThan(1e-5);
  const losses: number[] = [];
  for (let i = 1; i < 40; i++) losses.push((await step.run(pictures(i), LABELS, 3e-3)).loss);
  expect(Math.min(...losses.slice(-5))).toBeLessThan(losses[0]! * 0.7);

  other.restore(step.state());
  expect(await other.run(pictures(60), LABELS, 1e-3)).toEqual(await step.run(pictures(60), LABELS, 1e-3));
  expect(other.state()).toEqual(step.state());
  const embedded = await step.embed(pictures(50), BATCH);
  const results = await run(step.toModel("t", { method: "full", images: 6 }), pictures(50));
  for (const [i, name] of ["spoc", "mac", "gem"].entries()) {
    expect(relativeError(results[name]!.data as Float32Array, embedded[i]!)).toBeLessThan(3e-3);
    expect(relativeError(embedded[i]!, start[i]!)).toBeGreaterThan(1e-2);
  }
  for (const each of [step, frozen, other]) await each.close();
});

test("what cannot be trained is refused by name", async () => {
  const refused = (changes: Partial<FullStepOptions>) => expect(openFullStep(options(changes))).rejects;
  await refused({ trainFrom: "layer9" }).toThrow(CannotTrainError);
  await refused({ trainFrom: "layer9" }).toThrow(/small of small.onnx has no stage "layer9"/);
  const odd = backbone((map, graph) => graph.op("Relu", [graph.op("HardSwish", [map])]));
  await refused({ bytes: model(SMG, odd) }).toThrow(/operator HardSwish|feature map last/);
  const regions = model([{ kind: "RMAC" }]);
  await refused({ bytes: regions, inputSize: 64 }).toThrow(/regions of rmac in small.onnx/);
  await refused({ inputSize: 10 }).toThrow(/cannot be trained on 10 pixels/);
});

test("a step that fails says where, and leaves the parameters as they are", async () => {
  const step = await openFullStep(options());
  expect(step.device).toEqual({ used: "cpu", reason: null });
  const before = step.state();
  const failing = step.run(pictures(1), Int32Array.of(0, 0, 1), 1e-3);
  await expect(failing).rejects.toThrow(CannotTrainError);
  await expect(failing).rejects.toThrow(/^A step failed on cpu: .+\. Use a smaller batch or input\.$/);
  expect(step.state()).toEqual(before);
  await step.close();
});
