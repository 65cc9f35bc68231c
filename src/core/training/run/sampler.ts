import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** Images of one step. */
export interface Batch {
  /** Positions in the training images: `imagesPerClass` of a class, then of the next. */
  readonly images: Int32Array;
  /** A number per image from which its view is made: int32. */
  readonly views: Int32Array;
}

/** Where a sampler stands; JSON. */
export interface SamplerState {
  /** Of the generator, before the epoch was planned. */
  readonly random: readonly number[];
  readonly epoch: number;
  /** Steps taken in the epoch. */
  readonly step: number;
}

/**
 * P x K sampling: a batch holds P classes with K images of each (Hermans et al., "In Defense of the Triplet Loss for
 * Person Re-Identification", 2017, section 2). An epoch shows each class's images in a random order, K at a time; what
 * is left over waits for another epoch's order, and a class of fewer images repeats some. The same seed gives the same
 * batches.
 */
export class Sampler {
  readonly classesPerBatch: number;
  readonly #classes: readonly (readonly number[])[];
  readonly #each: number;
  #random: RandomGenerator;
  #before: readonly number[] = [];
  #plan: readonly Batch[] = [];
  #epoch = 0;
  #step = 0;

  /** @param labels class of each training image, 0 and up */
  constructor(labels: Int32Array, classesPerBatch: number, imagesPerClass: number, seed: number) {
    const classes = new Map<number, number[]>();
    for (const [image, label] of labels.entries()) {
      const members = classes.get(label);
      if (members === undefined) classes.set(label, [image]);
      else members.push(image);
    }
    this.#classes = [...classes.values()];
    this.#each = imagesPerClass;
    this.classesPerBatch = Math.min(classesPerBatch, this.#classes.length);
    this.#random = xoroshiro128plus(seed);
    this.#begin();
  }

  /** Steps of an epoch; the same for each. */
  get stepsPerEpoch(): number {
    return this.#plan.length;
  }

  /** The epoch of the next batch, from 0. */
  get epoch(): number {
    return this.#epoch;
  }

  next(): Batch {
    const batch = this.#plan[this.#step++]!;
    if (this.#step === this.#plan.length) {
      this.#epoch++;
      this.#begin();
    }
    return batch;
  }

  state(): SamplerState {
    return { random: this.#before, epoch: this.#epoch, step: this.#step };
  }

  restore({ random, epoch, step }: SamplerState): void {
    this.#random = xoroshiro128plusFromState(random);
    this.#begin();
    this.#epoch = epoch;
    this.#step = step;
  }

  #begin(): void {
    this.#before = this.#random.getState();
    this.#step = 0;
    const groups = this.#classes.flatMap((members, label) => this.#groupsOf(members, label));
    const steps = Math.max(1, Math.round(groups.length / this.classesPerBatch));
    let waiting = this.#shuffle(groups);
    this.#plan = Array.from({ length: steps }, () => {
      const chosen: Group[] = [];
      const labels = new Set<number>();
      const rest: Group[] = [];
      for (const group of waiting) {
        if (chosen.length < this.classesPerBatch && !labels.has(group.label)) {
          chosen.push(group);
          labels.add(group.label);
        } else rest.push(group);
      }
      waiting = rest;
      // At the end of an epoch too few classes may be left: others take part again.
      const others = [...this.#classes.keys()].filter((label) => !labels.has(label));
      for (const label of this.#shuffle(others).slice(0, this.classesPerBatch - chosen.length)) {
        chosen.push(this.#groupsOf(this.#classes[label]!, label)[0]!);
      }
      const images = Int32Array.from(chosen.flatMap((group) => group.images));
      return { images, views: images.map(() => this.#random.next()) };
    });
  }

  #groupsOf(members: readonly number[], label: number): Group[] {
    const order = this.#shuffle(members);
    const groups: Group[] = [];
    for (let start = 0; start + this.#each <= order.length; start += this.#each) {
      groups.push({ label, images: order.slice(start, start + this.#each) });
    }
    if (groups.length > 0) return groups;
    return [{ label, images: Array.from({ length: this.#each }, (_, i) => order[i % order.length]!) }];
  }

  #shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = uniformInt(this.#random, 0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}

interface Group {
  readonly label: number;
  readonly images: readonly number[];
}
