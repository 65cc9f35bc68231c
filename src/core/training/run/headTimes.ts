import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { TrainingOptions } from "../../../shared/index.ts";
import { FIT_DEFAULTS, fitDiscriminant, fittingWork } from "../../adaptation/index.ts";
import type { Head } from "../../model/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { openHeadStep } from "../headStep.ts";
import { rankTest } from "./evaluate.ts";
import { classesOf } from "./headData.ts";
import { dimOfHead } from "./headStart.ts";
import { Sampler } from "./sampler.ts";
import { type Schedule, scheduleOf, wholeEpochs } from "./schedule.ts";
import { evaluationsOf } from "./trainLoop.ts";

/** Where the options say nothing. docs/training.md has what was tried. */
export const HEAD_DEFAULTS = { epochs: 30, learningRate: 1e-4 } as const satisfies Pick<
  Schedule,
  "epochs" | "learningRate"
>;

/** Steps that are timed, behind one that is not: the first one makes room. */
const TIMED_STEPS = 4;
/** Images of which an evaluation is timed, at most. */
const TIMED_IMAGES = 256;
/** A fit of this size is timed: milliseconds, and beyond the caches of a core. */
const TIMED_FIT = { pictures: 64, differences: 128, dim: 512 } as const;

/** Seconds of `fitDiscriminant` for each multiplication on this machine, from a short one of random numbers. */
export async function secondsOfFitting(): Promise<number> {
  const { pictures, differences, dim } = TIMED_FIT;
  const random = noise(1);
  const started = performance.now();
  await fitDiscriminant(random(pictures * dim), Float64Array.from(random(differences * dim)), dim, FIT_DEFAULTS);
  return (performance.now() - started) / 1000 / fittingWork(TIMED_FIT);
}

/**
 * Seconds of the steps of a head and of their evaluations: the very graph of the step is made, for random numbers in place of
 * images, and some of its steps are timed.
 * @param fitted images with a gradient @param held those that choose the best epoch @param test held-out ones
 * @throws CannotTrainError where the heads do not fit the model
 */
export async function secondsOfHead(
  options: TrainingOptions,
  { manifest, summary }: Embedder,
  bytes: Uint8Array,
  { fitted, held, test }: Readonly<Record<"fitted" | "held" | "test", readonly LabelledImage[]>>,
): Promise<number> {
  const { seed, imagesPerClass } = options;
  const { labels, classes } = classesOf(fitted);
  const sampler = new Sampler(labels, Math.min(options.classesPerBatch, classes), imagesPerClass, seed);
  const { epochs } = wholeEpochs(scheduleOf(options, HEAD_DEFAULTS), sampler.stepsPerEpoch);
  const batch = sampler.classesPerBatch * imagesPerClass;
  const random = noise(seed);
  const dims = manifest.descriptors.map(({ dim }) => dim);
  const rows = (n: number) => dims.map((dim) => random(n * dim));
  const heads = dims.map((from): Head => {
    const dim = Math.min(dimOfHead(options.dim, fitted.length), from);
    return { weights: random(from * dim), bias: new Float32Array(dim), dim };
  });
  const step = await openHeadStep({ bytes, file: summary.name, heads, classes, batch, losses: options, seed });
  try {
    const drawn = Int32Array.from(sampler.next().images, (image) => labels[image]!);
    const input = rows(batch);
    await step.run(input, drawn, 0);
    const started = performance.now();
    for (let i = 0; i < TIMED_STEPS; i++) await step.run(input, drawn, 0);
    const stepped = performance.now();
    // What is found grows with the square of the images.
    const some = test.slice(0, TIMED_IMAGES);
    const matrices = await step.embed(rows(some.length), some.length);
    const found = { count: some.length, dims: heads.map(({ dim }) => dim), matrices };
    await rankTest(
      manifest.descriptors.map(({ name }) => name),
      found,
      some,
      { signal: undefined },
    );
    const evaluated = performance.now();
    const times = (test.length / some.length) ** 2 + (held.length / some.length) ** 2;
    const steps = (epochs * sampler.stepsPerEpoch * (stepped - started)) / TIMED_STEPS;
    return (steps + evaluationsOf(epochs) * times * (evaluated - stepped)) / 1000;
  } finally {
    await step.close();
  }
}

/** Random numbers, uniform in -1..1. */
function noise(seed: number): (n: number) => Float32Array {
  const generator = xoroshiro128plus(seed);
  return (n) => Float32Array.from({ length: n }, () => generator.next() / 2 ** 31);
}
