import type { StepReport } from "../trainingStep.ts";

/** Steps whose mean is compared: single batches say little. */
const WINDOW = 50;
/** A loss that is this many times that of the first steps has run away. */
const RUNAWAY = 3;
/** Mean cosine of embeddings of different images above which they are all the same. */
const COLLAPSED = 0.999;

const UNBOUNDED = "the weights grew without bounds. Use a lower learning rate, or more images per class.";

/** Looks at the losses of a training for what cannot end well. */
export class TrainingWatch {
  readonly #losses: number[];
  #first: number | null;

  /** @param kept as `state` gave it */
  constructor({ losses, first }: WatchState = { losses: [], first: null }) {
    this.#losses = [...losses];
    this.#first = first;
  }

  state(): WatchState {
    return { losses: [...this.#losses], first: this.#first };
  }

  /** @returns why the training must stop, in plain words; null where it may go on */
  afterStep({ loss }: StepReport): string | null {
    if (!Number.isFinite(loss)) {
      return `The loss is no longer a number: ${UNBOUNDED}`;
    }
    this.#losses.push(loss);
    if (this.#losses.length < WINDOW) return null;
    const mean = this.#losses.reduce((sum, x) => sum + x, 0) / this.#losses.length;
    this.#losses.length = 0;
    if (this.#first === null) {
      this.#first = mean;
      return null;
    }
    if (mean <= RUNAWAY * this.#first + 0.1) return null;
    return `The loss grows instead of falling (${mean.toFixed(2)}, at first ${this.#first.toFixed(2)}). Use a lower learning rate.`;
  }
}

export interface WatchState {
  readonly losses: readonly number[];
  /** Mean of the first steps; null until there are enough. */
  readonly first: number | null;
}

/**
 * Whether the embeddings are of no more use: all images have come to the same place, where a ranking loss rests at its
 * margin, or what is before the L2 has left the range of float32.
 * @param branches float32 `[n, dim]` each, rows of norm 1, of different images
 * @returns why the training must stop; null where it may go on
 */
export function collapseOf(branches: readonly Float32Array[], n: number): string | null {
  if (n < 2) return null;
  let mean = 0;
  for (const rows of branches) {
    const dim = rows.length / n;
    const sum = new Float64Array(dim);
    let norms = 0;
    for (const [i, x] of rows.entries()) {
      sum[i % dim]! += x;
      norms += x * x;
    }
    if (!(Math.abs(norms / n - 1) < 0.5)) return `The embeddings have no direction any more: ${UNBOUNDED}`;
    // |sum of n unit vectors|^2 = n + n (n - 1) * mean cosine of two different ones.
    const squared = sum.reduce((total, x) => total + x * x, 0);
    mean += (squared - n) / (n * (n - 1)) / branches.length;
  }
  if (mean < COLLAPSED) return null;
  return `All images get the same embedding (mean cosine ${mean.toFixed(3)}): the training has collapsed. Use a lower learning rate, or more classes per batch.`;
}
