import { expect, test } from "vitest";
import { type Batch, Sampler } from "../../../src/core/training/run/sampler.ts";
import { learningRateAt, wholeEpochs } from "../../../src/core/training/run/schedule.ts";
import { collapseOf, TrainingWatch } from "../../../src/core/training/run/watch.ts";

/** Classes of these sizes, one after another. */
const labelled = (...sizes: number[]) =>
  Int32Array.from(sizes.flatMap((size, label) => Array.from({ length: size }, () => label)));

function epochOf(sampler: Sampler): Batch[] {
  return Array.from({ length: sampler.stepsPerEpoch }, () => sampler.next());
}

test("every batch has P classes with K images of each", () => {
  const labels = labelled(4, 9, 4, 8, 5, 2, 1);
  const sampler = new Sampler(labels, 3, 4, 1);
  for (let epoch = 0; epoch < 20; epoch++) {
    for (const { images, views } of epochOf(sampler)) {
      expect([images.length, views.length]).toEqual([12, 12]);
      const found = Array.from(images, (image) => labels[image]!);
      for (let p = 0; p < 3; p++) expect(new Set(found.slice(4 * p, 4 * p + 4)).size).toBe(1);
      expect(new Set(found).size).toBe(3);
    }
  }
  expect(sampler.epoch).toBe(20);
});

test("an epoch shows no image of a large class twice, and all epochs together show every image", () => {
  const labels = labelled(8, 8, 8, 8);
  const sampler = new Sampler(labels, 2, 4, 3);
  const [first] = [epochOf(sampler).flatMap(({ images }) => [...images])];
  expect(first!.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, i) => i));
  const odd = new Sampler(labelled(7, 5), 2, 4, 3);
  const seen = new Set(Array.from({ length: 30 }, () => [...odd.next().images]).flat());
  expect(seen.size).toBe(12);
});

test("a class of fewer images than K repeats them, and no more classes are asked for than there are", () => {
  const sampler = new Sampler(labelled(2, 3), 32, 4, 1);
  expect(sampler.classesPerBatch).toBe(2);
  const { images } = sampler.next();
  const counts = [0, 1].map((image) => images.filter((i) => i === image).length);
  expect(counts).toEqual([2, 2]);
});

test("the same seed gives the same batches, another one others; a restored sampler goes on", () => {
  const labels = labelled(4, 9, 4, 8, 5, 2, 1);
  const draw = (sampler: Sampler, n: number) => Array.from({ length: n }, () => sampler.next());
  const [one, same, other] = [1, 1, 2].map((seed) => new Sampler(labels, 3, 4, seed));
  const batches = draw(one!, 40);
  expect(draw(same!, 40)).toEqual(batches);
  expect(draw(other!, 40)).not.toEqual(batches);
  for (const after of [0, 1, 2, 7, 39]) {
    const stopped = new Sampler(labels, 3, 4, 1);
    draw(stopped, after);
    const state = JSON.parse(JSON.stringify(stopped.state()));
    const resumed = new Sampler(labels, 3, 4, 99);
    resumed.restore(state);
    expect(draw(resumed, 40 - after)).toEqual(batches.slice(after));
    expect(resumed.epoch).toBe(one!.epoch);
  }
});

test("the learning rate falls to a tenth at epoch 12 of 20 and to a hundredth at 16", () => {
  const schedule = { epochs: 20, learningRate: 1, warmupSteps: 0 };
  const rates = Array.from({ length: 20 }, (_, epoch) => learningRateAt(schedule, epoch, 100 * epoch));
  expect(rates.map((rate) => Math.round(Math.log10(rate)))).toEqual([
    ...Array(12).fill(0),
    ...Array(4).fill(-1),
    ...Array(4).fill(-2),
  ]);
});

test("over a warm-up the learning rate rises on a straight line, also where it falls meanwhile", () => {
  const [perEpoch, epochs, learningRate] = [3, 10, 0.02];
  for (const warmupSteps of [0, 1, 4, 25]) {
    for (let step = 0; step < perEpoch * epochs; step++) {
      const epoch = Math.floor(step / perEpoch);
      const height = epoch < 6 ? learningRate : epoch < 8 ? learningRate / 10 : learningRate / 100;
      const expected = warmupSteps === 0 ? height : Math.min(height, (height / warmupSteps) * (step + 1));
      expect(learningRateAt({ epochs, learningRate, warmupSteps }, epoch, step)).toBeCloseTo(expected, 12);
    }
  }
});

test("a loss that is no number, and one that runs away, end a training; one that falls does not", () => {
  const step = (loss: number) => ({ loss, rankingLoss: 0, classificationLoss: 0, active: 0 });
  expect(new TrainingWatch().afterStep(step(Number.NaN))).toMatch(/no longer a number/);
  const falling = new TrainingWatch();
  for (let i = 0; i < 500; i++) expect(falling.afterStep(step(5 / (1 + i)))).toBeNull();
  let watch = new TrainingWatch();
  let reason: string | null = null;
  let steps = 0;
  for (; reason === null && steps < 500; steps++) {
    // A resumed run watches on from where it was.
    if (steps === 30) watch = new TrainingWatch(JSON.parse(JSON.stringify(watch.state())));
    reason = watch.afterStep(step(1 + steps / 10));
  }
  expect(reason).toMatch(/grows instead of falling/);
  expect(steps).toBe(150);
});

test("a collapse is one place for all images", () => {
  const rows = (...angles: number[]) => Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)]));
  expect(collapseOf([rows(0, 0.02, -0.02, 0.01)], 4)).toMatch(/mean cosine 1.000.*collapsed/);
  expect(collapseOf([rows(0, 1, 2, 3)], 4)).toBeNull();
  expect(collapseOf([rows(0, 0, 0, 0), rows(0, 1, 2, 3)], 4)).toBeNull();
});

test("given in steps, a training is as many whole epochs as come nearest, and falls at the steps that are named", () => {
  const given = { epochs: 30, learningRate: 1, warmupSteps: 0, steps: 1500, decaySteps: [400, 800] };
  const schedule = wholeEpochs(given, 46);
  expect(schedule.epochs).toBe(33);
  const rates = [0, 399, 400, 799, 800, 1499].map((step) => learningRateAt(schedule, Math.floor(step / 46), step));
  expect(rates.map((rate) => Number(rate.toFixed(6)))).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
  expect(wholeEpochs({ ...given, steps: 3 }, 46).epochs).toBe(1);
  expect(wholeEpochs({ ...given, steps: null }, 46).epochs).toBe(30);
});
