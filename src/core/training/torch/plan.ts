import { Sampler } from "../run/sampler.ts";
import { learningRateAt, type Schedule, wholeEpochs } from "../run/schedule.ts";

/** Which image of a step, and which view of it: left, top and whether it is mirrored; or a number of a view and zeros. */
export type PlannedView = readonly [number, number, number];

export interface PlanOptions {
  /** Class of each training image, 0 and up. */
  readonly labels: Int32Array;
  readonly classesPerBatch: number;
  readonly imagesPerClass: number;
  readonly seed: number;
  readonly schedule: Schedule;
  /** The view that a drawn number means. */
  readonly view: (draw: number) => PlannedView;
}

/** All steps of a training, drawn before the first: whoever takes them takes the same. */
export interface Plan {
  readonly batch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** Of each step. */
  readonly learningRates: readonly number[];
  /** Int32 `[steps, batch, 4]`: image, and its view. */
  readonly entries: Int32Array;
}

/** Numbers per image. */
const FIELDS = 4;

/** The batches, crops and learning rates that the built-in engine has with the same options. */
export function planOf({ labels, classesPerBatch, imagesPerClass, seed, schedule: given, view }: PlanOptions): Plan {
  const sampler = new Sampler(labels, classesPerBatch, imagesPerClass, seed);
  const batch = sampler.classesPerBatch * imagesPerClass;
  const { stepsPerEpoch } = sampler;
  const schedule = wholeEpochs(given, stepsPerEpoch);
  const { epochs } = schedule;
  const steps = stepsPerEpoch * epochs;
  const entries = new Int32Array(steps * batch * FIELDS);
  const learningRates: number[] = [];
  for (let step = 0; step < steps; step++) {
    learningRates.push(learningRateAt(schedule, Math.floor(step / stepsPerEpoch), step));
    const { images, views } = sampler.next();
    for (const [k, image] of images.entries()) {
      entries.set([image, ...view(views[k]!)], (step * batch + k) * FIELDS);
    }
  }
  return { batch, stepsPerEpoch, epochs, learningRates, entries };
}
