/** Transformers as others export them, trained end to end. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importModel, preprocessing } from "../../../src/core/model/import/index.ts";
import { parseDescriptors } from "../../../src/core/model/index.ts";
import { type FullStepOptions, openFullStep, type TrainingState } from "../../../src/core/training/index.ts";
import { prepareNetwork } from "../../../src/core/training/network/prepare.ts";
import { chooseTrainable } from "../../../src/core/training/network/trainable.ts";
import { runTorch, whyNoTorch } from "../../fixtures/torch/torch.ts";
import { LOSSES, randomNumbers, relativeError } from "./reference.ts";

const [CLASSES, BATCH, SIDE] = [3, 6, 48];
const LABELS = Int32Array.of(0, 0, 1, 1, 2, 2);
const reason = whyNoTorch();

function pictures(seed: number): Uint8Array {
  const random = randomNumbers(seed);
  return Uint8Array.from({ length: BATCH * SIDE ** 2 * 3 }, (_, i) => {
    const label = LABELS[Math.floor(i / (SIDE ** 2 * 3))]!;
    return 110 + (i % 3 === label ? 50 : 0) + 60 * random();
  });
}

async function embed(model: Uint8Array, pixels: Uint8Array, count = BATCH): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const each = SIDE ** 2 * 3;
  const image = new Tensor("uint8", pixels.subarray(0, count * each), [count, SIDE, SIDE, 3]);
  const results = await session.run({ image });
  await session.release();
  return results["combined"]!.data as Float32Array;
}

describe.skipIf(reason !== undefined)(`as torch exports them${reason === undefined ? "" : `: ${reason}`}`, () => {
  let folder = "";
  const own = mkdtempSync(join(tmpdir(), "lookalike-imported-"));
  beforeAll(() => {
    folder = runTorch("transformers.py", "dinov2", "timm", "swin", "clip");
  }, 120_000);
  afterAll(() => {
    for (const each of [folder, own]) rmSync(each, { recursive: true, force: true });
  });

  /** @param optimised as onnxruntime writes a network whose operators it has put together */
  async function imported(name: string, optimised = false): Promise<Uint8Array> {
    let file = join(folder, `${name}.onnx`);
    if (optimised) {
      const written = join(own, `${name}-optimised.onnx`);
      const session = await InferenceSession.create(file, {
        graphOptimizationLevel: "extended",
        optimizedModelFilePath: written,
      });
      await session.release();
      file = written;
    }
    const out = join(own, "model.onnx");
    await importModel({ file, out, preprocessing: preprocessing("-1..1"), branches: parseDescriptors("SG") });
    return readFileSync(out);
  }

  const options = (bytes: Uint8Array, changes: Partial<FullStepOptions> = {}): FullStepOptions => ({
    bytes,
    file: "imported.onnx",
    trainFrom: null,
    learnP: false,
    classes: CLASSES,
    batch: BATCH,
    losses: { ...LOSSES, ranking: "multiSimilarity" },
    seed: 1,
    threads: 1,
    ...changes,
  });

  test.each([
    ["dinov2", false],
    ["dinov2", true],
    ["timm", false],
    ["clip", true],
  ] as const)(
    "%s (put together by onnxruntime: %s): the gradient of every tensor is what the loss does along it",
    async (name, optimised) => {
      const bytes = await imported(name, optimised);
      const step = await openFullStep(options(bytes));
      const start = step.state();
      await step.run(pictures(1), LABELS, 1e-9);
      const gradients = step.state();
      const lossAt = async (changed: TrainingState) => {
        step.restore(changed);
        return (await step.run(pictures(1), LABELS, 1e-9)).loss;
      };
      const network = prepareNetwork({ bytes, file: "imported.onnx" });
      const { constants } = chooseTrainable(network, "imported.onnx", { trainFrom: null, learnP: false });
      // Every third: blocks are alike.
      const names = [...constants.keys()].filter((_, i) => i % 3 === 0);
      expect(names.length).toBeGreaterThanOrEqual(10);
      let compared = 0;
      for (const tensor of names) {
        const gradient = gradients.get(`${tensor}/m`)!;
        const length = Math.hypot(...gradient);
        // A key's bias shifts all scores of a query alike, which the softmax takes away.
        if (length < 1e-3) continue;
        const along = (by: number) =>
          new Map([...start, [tensor, start.get(tensor)!.map((x, i) => x + (by * gradient[i]!) / length)]]);
        const by = 4e-3;
        const slope = ((await lossAt(along(by))) - (await lossAt(along(-by)))) / (2 * by);
        expect(Math.abs(slope / length - 1), `${tensor}: ${slope} and ${length}`).toBeLessThan(0.04);
        compared++;
      }
      expect(compared).toBeGreaterThan(names.length / 2);
      await step.close();
    },
    120_000,
  );

  test.each([
    ["dinov2", "its last block", { trainFrom: "block_2" }],
    ["timm", "small matrices beside queries and values", { loraRank: 2 }],
    ["swin", "all of it", {}],
  ] as const)(
    "%s: training %s lowers the loss, and the model that is written embeds as the step does, pictures of any number",
    async (name, _, chosen) => {
      const bytes = await imported(name);
      const step = await openFullStep(options(bytes, chosen));
      const combined = (rows: readonly Float32Array[]) => {
        const dim = rows[0]!.length / BATCH;
        const parts = Array.from({ length: BATCH }, (__, n) =>
          rows.flatMap((row) => [...row.subarray(n * dim, (n + 1) * dim)].map((x) => x * Math.SQRT1_2)),
        );
        return parts.flat();
      };
      const untouched = combined(await step.embed(pictures(99), BATCH));
      expect(relativeError(await embed(bytes, pictures(99)), untouched)).toBeLessThan(2e-5);
      const losses: number[] = [];
      for (let i = 0; i < 20; i++) losses.push((await step.run(pictures(i), LABELS, 1e-3)).loss);
      expect(Math.min(...losses.slice(-5))).toBeLessThan(losses[0]! * 0.95);
      const now = combined(await step.embed(pictures(99), BATCH));
      const written = step.toModel("trained", { method: "full", images: 6, base: "abc" });
      await step.close();
      expect(relativeError(await embed(written, pictures(99)), now)).toBeLessThan(5e-3);
      const two = await embed(written, pictures(99), 2);
      expect(relativeError(two, now.slice(0, two.length))).toBeLessThan(5e-3);
      expect(relativeError(now, untouched)).toBeGreaterThan(5e-3);
    },
    120_000,
  );

  test("a constant that a frozen part reads too is not trained", async () => {
    // onnxruntime keeps equal constants once, and the norms of this one are all alike.
    const bytes = await imported("dinov2", true);
    const network = prepareNetwork({ bytes, file: "imported.onnx" });
    const { constants } = chooseTrainable(network, "imported.onnx", { trainFrom: "block_2", learnP: false });
    const matrices = [...constants.values()].filter(({ dims }) => dims.length === 2);
    expect(matrices).toHaveLength(4);
    for (const name of constants.keys()) expect(name).toMatch(/blocks\.2/);
  });
});
