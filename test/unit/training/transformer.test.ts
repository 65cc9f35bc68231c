import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { toFloat32 } from "../../../src/core/model/index.ts";
import { GraphView } from "../../../src/core/onnx/index.ts";
import {
  CannotTrainError,
  type FullStepOptions,
  openFullStep,
  type TrainingState,
} from "../../../src/core/training/index.ts";
import { prepareNetwork } from "../../../src/core/training/network/prepare.ts";
import { chooseTrainable } from "../../../src/core/training/network/trainable.ts";
import { workOf } from "../../../src/core/training/network/work.ts";
import { LOSSES, randomNumbers, relativeError } from "./reference.ts";
import { tinyVit, VIT_DIM, VIT_SIDE } from "./tinyVit.ts";

const [CLASSES, BATCH] = [3, 6];
const LABELS = Int32Array.of(0, 0, 1, 1, 2, 2);
const bytes = tinyVit();

const options = (changes: Partial<FullStepOptions> = {}): FullStepOptions => ({
  bytes,
  file: "tiny.onnx",
  trainFrom: null,
  learnP: false,
  classes: CLASSES,
  batch: BATCH,
  losses: LOSSES,
  seed: 1,
  threads: 1,
  ...changes,
});

/** Pictures of three colours, in noise. */
function pictures(seed: number): Uint8Array {
  const random = randomNumbers(seed);
  return Uint8Array.from({ length: BATCH * VIT_SIDE ** 2 * 3 }, (_, i) => {
    const label = LABELS[Math.floor(i / (VIT_SIDE ** 2 * 3))]!;
    return 110 + (i % 3 === label ? 50 : 0) + 60 * random();
  });
}

const network = () => prepareNetwork({ bytes, file: "tiny.onnx" });
const trainedFrom = (trainFrom: string | null, loraRank: number | null = null) =>
  chooseTrainable(network(), "tiny.onnx", { trainFrom, learnP: false, loraRank });
const sizes = ({ constants }: ReturnType<typeof trainedFrom>) =>
  [...constants.values()].map(({ dims }) => dims.join(" x "));

/** Per block: two norms, query, key, value, output and the two of the MLP, with their biases. */
const BLOCK = 2 * 2 + 4 * 2 + 2 * 2;
const NORM = 2;
const PATCHES = 2;
const POSITIONS = 1;

test("a block is trained with all that belongs to it, and nothing of the arithmetic around it", () => {
  expect(trainedFrom("block_2").constants.size).toBe(BLOCK + NORM);
  expect(trainedFrom("block_0").constants.size).toBe(3 * BLOCK + NORM);
  expect(trainedFrom(null).constants.size).toBe(PATCHES + POSITIONS + 3 * BLOCK + NORM);
  expect(sizes(trainedFrom("block_2")).sort()).toEqual(
    [
      ...Array<string>(4).fill(`${VIT_DIM} x ${VIT_DIM}`),
      ...[`${VIT_DIM} x ${2 * VIT_DIM}`, `${2 * VIT_DIM} x ${VIT_DIM}`, `${2 * VIT_DIM}`],
      ...Array<string>(2 * 2 + 4 + 1 + NORM).fill(`${VIT_DIM}`),
    ].sort(),
  );
  const work = (from: string) => workOf(network(), new Set(trainedFrom(from).constants.keys()));
  expect(work("block_2").backward).toBeLessThan(work("block_1").backward / 1.7);
  expect(work("block_2").forward).toBe(work("block_0").forward);
});

test("the gradient of every tensor is what the loss does along it", async () => {
  const losses = { ...LOSSES, ranking: "multiSimilarity" } as const;
  const step = await openFullStep(options({ losses }));
  const start = step.state();
  const rate = 1e-9;
  await step.run(pictures(1), LABELS, rate);
  const gradients = step.state();
  const lossAt = async (changed: TrainingState) => {
    step.restore(changed);
    return (await step.run(pictures(1), LABELS, rate)).loss;
  };
  const names = [...trainedFrom(null).constants.keys()];
  let compared = 0;
  for (const name of names) {
    const gradient = gradients.get(`${name}/m`)!;
    const length = Math.hypot(...gradient);
    // A key's bias shifts all scores of a query alike, which the softmax takes away.
    if (length < 1e-3) continue;
    const along = (by: number) =>
      new Map([...start, [name, start.get(name)!.map((x, i) => x + (by * gradient[i]!) / length)]]);
    const by = 4e-3;
    const slope = ((await lossAt(along(by))) - (await lossAt(along(-by)))) / (2 * by);
    expect(Math.abs(slope / length - 1), `${name}: ${slope} and ${length}`).toBeLessThan(0.03);
    compared++;
  }
  expect(compared).toBeGreaterThan(names.length - 6);
  await step.close();
}, 60_000);

const floatsOf = (file: Uint8Array) => {
  const { graph } = fromBinary(ModelProtoSchema, toFloat32(file, "m.onnx"));
  const view = new GraphView(graph!);
  return new Map(
    graph!.initializer.flatMap(({ name }) => (view.floats(name) ? [[name, view.floats(name)!.values]] : [])),
  );
};

async function embed(model: Uint8Array, pixels: Uint8Array): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const results = await session.run({ image: new Tensor("uint8", pixels, [BATCH, VIT_SIDE, VIT_SIDE, 3]) });
  await session.release();
  return results["combined"]!.data as Float32Array;
}

const trainedModel = { method: "full", images: 6, base: "abc" } as const;
/** Greatest change of a tensor beyond what float16 does to it. */
const changes = (before: ReadonlyMap<string, Float32Array>, after: ReadonlyMap<string, Float32Array>) =>
  [...before].filter(([name, values]) => relativeError(after.get(name) ?? [], values) > 2e-3).map(([name]) => name);

test.each([
  ["the last block", { trainFrom: "block_2" }],
  ["small matrices beside queries and values", { loraRank: 4 }],
] as const)(
  "training %s lowers the loss and changes nothing else",
  async (_, chosen) => {
    const step = await openFullStep(options(chosen));
    const untouched = await step.embed(pictures(99), BATCH);
    const original = await embed(bytes, pictures(99));
    const losses: number[] = [];
    for (let i = 0; i < 30; i++) losses.push((await step.run(pictures(i), LABELS, 2e-3)).loss);
    expect(Math.min(...losses.slice(-5))).toBeLessThan(losses[0]! * 0.8);
    const now = await step.embed(pictures(99), BATCH);
    const written = step.toModel("trained", trainedModel);
    await step.close();
    const half = Math.SQRT1_2;
    const combined = (rows: readonly Float32Array[]) =>
      Array.from({ length: BATCH }, (__, n) =>
        rows.flatMap((row) => [...row.subarray(n * VIT_DIM, (n + 1) * VIT_DIM)].map((x) => x * half)),
      ).flat();
    expect(relativeError(original, combined(untouched))).toBeLessThan(1e-5);
    expect(relativeError(await embed(written, pictures(99)), combined(now))).toBeLessThan(5e-3);
    const { constants, adapters } = trainedFrom(
      "trainFrom" in chosen ? chosen.trainFrom : null,
      "loraRank" in chosen ? chosen.loraRank : null,
    );
    const allowed = new Set([...constants.keys(), ...adapters.map(({ weights }) => weights)]);
    const changed = changes(floatsOf(bytes), floatsOf(written));
    expect(changed.length).toBeGreaterThan(3);
    expect(changed.filter((name) => !allowed.has(name))).toEqual([]);
  },
  60_000,
);

test("small matrices stand beside queries and values of each block, and of those after a stage alone", () => {
  expect(trainedFrom(null, 8).adapters).toHaveLength(6);
  expect(trainedFrom("block_1", 8).adapters).toHaveLength(4);
  expect(trainedFrom(null, 8).constants.size).toBe(0);
});

test("what does not fit a transformer is refused with what does", async () => {
  const refused = (changed: Partial<FullStepOptions>) => expect(openFullStep(options(changed))).rejects;
  await refused({ trainFrom: "layer4" }).toThrow(
    /no stage "layer4"\. Its stages: patches, block_0, block_1, block_2\./,
  );
  await refused({ inputSize: 32 }).toThrow(/positions belong to an input of 16 x 16 .* --input-size 32/);
  await refused({ removeLastDownsampling: true }).toThrow(/no last downsampling/);
  await refused({ batchNorm: "batch" }).toThrow(/no batch norm/);
  await refused({ loraRank: 200 }).toThrow(/rank 200/);
  await refused({ bytes: tinyVit("SV") }).toThrow(/Choose descriptors without V, or train a head/);
  await refused({ loraRank: 200 }).toThrow(CannotTrainError);
});
