import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { readSafetensors } from "../../../src/core/model/index.ts";
import { type FullStepOptions, openFullStep } from "../../../src/core/training/index.ts";
import { openFullNetwork } from "../../../src/core/training/network/fullNetwork.ts";
import { JOB_FILES, jobNetworkOf, writeJob } from "../../../src/core/training/torch/job.ts";
import { runPython, TRAINER } from "../../fixtures/torch/torch.ts";

export const [BATCH, CLASSES] = [8, 5];
const LABELS = Int32Array.of(0, 0, 1, 1, 2, 2, 4, 4);

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** |a - b| / |b|, the norm of a tensor's difference in that of the tensor. */
function relative(a: Float32Array, b: Float32Array): number {
  return norm(a.map((x, i) => x - b[i]!)) / Math.max(norm(b), 1e-12);
}

/**
 * Of each image the positive and the negative that the hardest triplet has. Where two are as hard but for rounding, engines may
 * choose differently, and both are right.
 */
function minedOf(embedded: readonly Float32Array[]): [number, number][] {
  const cosine = (i: number, j: number) =>
    embedded.reduce((sum, rows) => {
      const dim = rows.length / BATCH;
      for (let k = 0; k < dim; k++) sum += rows[i * dim + k]! * rows[j * dim + k]!;
      return sum;
    }, 0);
  return [...LABELS].map((label, i) => {
    const others = [...LABELS.keys()].filter((j) => j !== i).sort((a, b) => cosine(i, a) - cosine(i, b));
    return [others.find((j) => LABELS[j] === label)!, others.findLast((j) => LABELS[j] !== label)!];
  });
}

/** The largest differences of a step; each in the norm of its tensor, but the embedding's, which is in its values. */
export interface Differences {
  readonly loss: number;
  readonly embedding: number;
  /** Between the gradients of the two engines. */
  readonly gradient: number;
  /** The built-in gradient's distance from that of float64 in torch's own with float32, which counts as 1e-4 at least. */
  readonly rounding: number;
}

/**
 * Takes one step with both engines, from the same weights on the same batch; of triplets torch gets those that the built-in engine mines.
 * @param phase makes other pictures
 */
export async function compareEngines(options: FullStepOptions, side: number, phase = 0): Promise<Differences> {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-parity-"));
  try {
    const pixels = Uint8Array.from({ length: BATCH * side * side * 3 }, (_, i) => {
      const image = Math.floor(i / (side * side * 3));
      return 128 + 90 * Math.sin(i * (0.001 + 0.0004 * LABELS[image]!)) + 30 * Math.sin(i * 12.9898 + image + phase);
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
    const step = await openFullStep(options);
    const embedded = await step.embed(pixels, BATCH);
    if (options.losses.ranking === "triplet") {
      writeFileSync(join(folder, "mined.json"), JSON.stringify(minedOf(embedded)));
    }
    runPython("engineStep.py", TRAINER, folder);
    const told = readSafetensors(join(folder, "step.safetensors"));
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
    const gradients = told.names
      .filter((name) => name.startsWith("gradient/"))
      .map((name) => {
        const [ours, theirs] = [state.get(`${name.slice("gradient/".length)}/m`)!, told.floats(name).values];
        const exact = told.floats(name.replace("gradient", "exact")).values;
        return { each: relative(theirs, ours), ours: relative(ours, exact), theirs: relative(theirs, exact) };
      });
    expect(gradients.length).toBeGreaterThan(5);
    return {
      ...{ loss, embedding },
      gradient: Math.max(...gradients.map(({ each }) => each)),
      rounding: Math.max(...gradients.map(({ ours, theirs }) => ours / Math.max(1e-4, theirs))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
