import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { buildModel, type Head, readManifest } from "../../../src/core/model/index.ts";
import { CannotTrainError, type LossOptions, openHeadStep } from "../../../src/core/training/index.ts";
import {
  classificationLoss,
  dot,
  LOSSES,
  normalised,
  numericGradient,
  randomNumbers,
  rankingLoss,
  relativeError,
} from "./reference.ts";

const [BATCH, CLASSES, DIM] = [12, 5, 4];
const CHANNELS = [6, 5];
const LABELS = [0, 0, 0, 1, 1, 1, 2, 2, 2, 4, 4, 3];

/** Two branches over maps of a few channels: the pixels behind a fixed convolution. */
function model(): Uint8Array {
  const taps = CHANNELS.map((channels, i) => ({ name: `map_${i}`, channels, height: 4, width: 4 }));
  return buildModel({
    name: "small",
    backbone: {
      backbone: { name: "small", lastDownsampling: "kept", taps },
      weights: { source: "none", version: "1", licence: "none" },
      inputSize: 4,
      addTo: (graph, pixels) =>
        CHANNELS.map((channels) => {
          const random = randomNumbers(channels);
          const weights = Float32Array.from({ length: channels * 3 }, () => Math.abs(random()) / 255);
          return graph.op("Conv", [pixels, graph.floats(weights, [channels, 3, 1, 1])], { kernel_shape: [1, 1] });
        }),
    },
    branches: [{ kind: "SPoC" }, { kind: "GeM", tap: 1 }],
  });
}

function heads(seed: number): Head[] {
  const random = randomNumbers(seed);
  return CHANNELS.map((channels) => ({
    weights: Float32Array.from({ length: channels * DIM }, random),
    bias: Float32Array.from({ length: DIM }, () => 0.1 * random()),
    dim: DIM,
  }));
}

/** Rows of norm 1, those of a class a bit alike. */
function embeddings(seed: number): Float32Array[] {
  const random = randomNumbers(seed);
  return CHANNELS.map((channels) => {
    const centres = Array.from({ length: CLASSES }, () => Array.from({ length: channels }, random));
    return Float32Array.from(LABELS.flatMap((label) => normalised(centres[label]!.map((x) => x + 0.8 * random()))));
  });
}

const rowsOf = (values: Float32Array, d: number) =>
  Array.from({ length: values.length / d }, (_, i) => [...values.subarray(i * d, (i + 1) * d)]);

const open = (losses: LossOptions, seed = 3) =>
  openHeadStep({ bytes: model(), file: "small.onnx", heads: heads(7), classes: CLASSES, batch: BATCH, losses, seed });

/** Losses of the head in float64, with its parameters one after the other: weights and bias per branch, then the classifier. */
function reference(input: readonly Float32Array[], losses: LossOptions) {
  const rows = input.map((values, i) => rowsOf(values, CHANNELS[i]!));
  return (flat: readonly number[]) => {
    let at = 0;
    const take = (n: number) => {
      at += n;
      return flat.slice(at - n, at);
    };
    const matrix = (m: number, n: number) => Array.from({ length: m }, () => take(n));
    const projected = rows.map((x, i) => {
      const [w, b] = [matrix(CHANNELS[i]!, DIM), take(DIM)];
      const columns = b.map((_, k) => w.map((line) => line[k]!));
      return x.map((row) => b.map((offset, k) => offset + dot(row, columns[k]!)));
    });
    const branches = projected.map((x) => x.map(normalised));
    const combined = branches[0]!.map((_, i) => normalised(branches.flatMap((branch) => branch[i]!)));
    const classifier = losses.classification === "none" ? [] : matrix(DIM, CLASSES);
    const bias = losses.classification === "arcFace" || losses.classification === "none" ? [] : take(CLASSES);
    const classification = classificationLoss(projected[0]!, LABELS, classifier, bias, losses);
    const proxies = losses.ranking === "proxyAnchor" ? matrix(CLASSES, 2 * DIM) : [];
    const { loss: ranking, active } = rankingLoss(combined, LABELS, losses, proxies);
    const loss = losses.rankingWeight * ranking + losses.classificationWeight * classification;
    return { loss, ranking, classification, active, branches };
  };
}

test.each([
  ["triplet", "softmax", null],
  ["triplet", "none", 0.3],
  ["multiSimilarity", "softmax", null],
  ["multiSimilarity", "focal", 0.4],
  ["contrastive", "none", 0.9],
  ["contrastive", "focal", null],
  ["proxyAnchor", "none", null],
  ["proxyAnchor", "softmax", 0.2],
  ["triplet", "arcFace", null],
  ["proxyAnchor", "arcFace", null],
] as const)(
  "%s and %s: losses, gradients, embeddings and Adam as in float64",
  async (ranking, classification, margin) => {
    const losses: LossOptions = {
      ...LOSSES,
      ranking,
      classification,
      margin,
      rankingWeight: 1.5,
      classificationWeight: 0.7,
    };
    const step = await open(losses);
    const input = embeddings(11);
    const start = step.state();
    const names = [...start.keys()].filter((name) => !/\/[mv]$|^t$/.test(name));
    const flat = (state: ReadonlyMap<string, Float32Array>, suffix = "") =>
      names.flatMap((name) => [...state.get(`${name}${suffix}`)!]);
    const f = reference(input, losses);
    const at = flat(start);
    const expected = f(at);
    const gradient = numericGradient((x) => f(x).loss, at);

    const embedded = await step.embed(input, BATCH);
    const report = await step.run(input, Int32Array.from(LABELS), 0.01);
    const state = step.state();
    await step.close();

    expect(report.active).toBeCloseTo(expected.active, 6);
    expect(expected.active).toBeGreaterThan(0);
    expect(relativeError([report.loss], [expected.loss])).toBeLessThan(2e-6);
    expect(relativeError([report.rankingLoss], [expected.ranking])).toBeLessThan(2e-6);
    const apart = Math.abs(report.classificationLoss - expected.classification);
    expect(apart / Math.max(1, expected.classification)).toBeLessThan(2e-6);
    for (const [i, branch] of expected.branches.entries()) {
      expect(relativeError(embedded[i]!, branch.flat())).toBeLessThan(1e-6);
    }
    // After the first step, the moments are the gradient and its square.
    expect(relativeError(flat(state, "/m"), gradient)).toBeLessThan(2e-5);
    expect(
      relativeError(
        flat(state, "/v"),
        gradient.map((g) => g * g),
      ),
    ).toBeLessThan(2e-5);
    // Proxies are trained a hundred times as fast.
    const rates = names.flatMap((name) =>
      Array<number>(start.get(name)!.length).fill(name === "proxies/weights" ? 1 : 0.01),
    );
    const moved = gradient.map((g, i) => at[i]! - (rates[i]! * g) / (Math.abs(g) + 1e-8));
    const clear = gradient.map((g) => Math.abs(g) > 1e-4);
    const differences = flat(state).map((x, i) => (clear[i] ? Math.abs(x - moved[i]!) : 0));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
    expect(clear.filter(Boolean).length).toBeGreaterThan(10);
  },
);

test("the same seed gives the same bits, another one does not; a restored state goes on bit for bit", async () => {
  const labels = Int32Array.from(LABELS);
  const [a, b, other] = await Promise.all([open(LOSSES), open(LOSSES), open(LOSSES, 4)]);
  for (let i = 0; i < 5; i++) {
    const batch = embeddings(20 + i);
    const reports = [await a.run(batch, labels, 1e-2), await b.run(batch, labels, 1e-2)];
    expect(reports[0]).toEqual(reports[1]);
  }
  expect(a.state()).toEqual(b.state());
  expect(a.state().get("classifier/weights")).not.toEqual(other.state().get("classifier/weights"));

  other.restore(a.state());
  for (let i = 0; i < 4; i++) {
    const batch = embeddings(30 + i);
    expect(await other.run(batch, labels, 5e-3)).toEqual(await a.run(batch, labels, 5e-3));
  }
  expect(other.state()).toEqual(a.state());
  expect(a.state().get("t")).toEqual(Float32Array.of(9));
  const wrong = new Map(a.state());
  wrong.delete("spoc/bias");
  expect(() => a.restore(wrong)).toThrow(CannotTrainError);
  await Promise.all([a.close(), b.close(), other.close()]);
});

test("coincident images, a class alone and a class of one image give finite numbers", async () => {
  const ones = CHANNELS.map((channels) =>
    Float32Array.from({ length: BATCH * channels }, (_, i) => (i % channels === 0 ? 1 : 0)),
  );
  for (const ranking of ["triplet", "multiSimilarity", "contrastive", "proxyAnchor"] as const) {
    const step = await open({ ...LOSSES, ranking, classification: ranking === "proxyAnchor" ? "arcFace" : "softmax" });
    for (const labels of [LABELS, LABELS.map(() => 0), LABELS.map((_, i) => i % 2)]) {
      const report = await step.run(ones, Int32Array.from(labels), 1e-3);
      expect(Object.values(report).every(Number.isFinite)).toBe(true);
    }
    for (const [name, values] of step.state()) expect(values.every(Number.isFinite), name).toBe(true);
    await step.close();
  }
});

test("a step with a loss that is no number changes nothing", async () => {
  const step = await open(LOSSES);
  const broken = embeddings(5);
  broken[0]![3] = Number.NaN;
  const before = step.state();
  expect((await step.run(broken, Int32Array.from(LABELS), 1e-3)).loss).toBeNaN();
  expect(step.state()).toEqual(before);
  expect(Number.isFinite((await step.run(embeddings(5), Int32Array.from(LABELS), 1e-3)).loss)).toBe(true);
  await step.close();
});

test("the model that is written embeds as the step does", async () => {
  const step = await open(LOSSES);
  for (let i = 0; i < 3; i++) await step.run(embeddings(i), Int32Array.from(LABELS), 1e-2);
  const pixels = Uint8Array.from({ length: 2 * 4 * 4 * 3 }, (_, i) => (i * 37) % 251);
  const image = { image: new Tensor("uint8", pixels, [2, 4, 4, 3]) };
  const run = async (bytes: Uint8Array) => {
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const results = await session.run(image);
    await session.release();
    return results;
  };
  const base = await run(model());
  const expected = await step.embed([base["spoc"]!.data as Float32Array, base["gem"]!.data as Float32Array], 2);
  const bytes = step.toModel("trained", { method: "head", images: 12 });
  const results = await run(bytes);
  for (const [i, name] of ["spoc", "gem"].entries()) {
    expect(relativeError(results[name]!.data as Float32Array, expected[i]!)).toBeLessThan(1e-6);
  }
  const manifest = readManifest(bytes, "trained.onnx");
  expect(manifest.name).toBe("trained");
  expect(manifest.descriptors.map(({ dim }) => dim)).toEqual([DIM, DIM]);
  expect(manifest.training).toEqual({ method: "head", images: 12 });
  expect(step.exponents()).toEqual({ gem: 3 });
  await step.close();
});

test("what cannot be trained is refused in plain words", async () => {
  await expect(
    openHeadStep({
      bytes: model(),
      file: "small.onnx",
      heads: heads(1).slice(1),
      classes: 5,
      batch: 12,
      losses: LOSSES,
      seed: 1,
    }),
  ).rejects.toThrow(/heads do not fit the branches of small.onnx/);
  await expect(
    openHeadStep({
      bytes: model(),
      file: "small.onnx",
      heads: heads(1),
      classes: 1,
      batch: 12,
      losses: LOSSES,
      seed: 1,
    }),
  ).rejects.toThrow(/at least two classes/);
});
