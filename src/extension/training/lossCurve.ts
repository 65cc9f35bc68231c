import type { LossPoint } from "../../shared/index.ts";

interface Bucket {
  readonly point: LossPoint;
  /** Steps that it is the mean of. */
  readonly count: number;
}

/** The losses of a run as at most `most` points, each the mean of as many consecutive steps. */
export class LossCurve {
  readonly #most: number;
  #buckets: Bucket[] = [];
  /** Steps per point. */
  #width = 1;

  constructor(most = 240) {
    this.#most = most;
  }

  get points(): readonly LossPoint[] {
    return this.#buckets.map(({ point }) => point);
  }

  /** A step that was told before is told again after a run went back to a checkpoint: what came after is forgotten. */
  add(point: LossPoint): void {
    while ((this.#buckets.at(-1)?.point.step ?? -1) >= point.step) this.#buckets.pop();
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.count < this.#width) {
      this.#buckets[this.#buckets.length - 1] = join(last, { point, count: 1 });
    } else this.#buckets.push({ point, count: 1 });
    if (this.#buckets.length > this.#most) this.#halve();
  }

  #halve(): void {
    this.#width *= 2;
    const pairs: Bucket[] = [];
    for (let i = 0; i < this.#buckets.length; i += 2) {
      const [one, other] = [this.#buckets[i]!, this.#buckets[i + 1]];
      pairs.push(other === undefined ? one : join(one, other));
    }
    this.#buckets = pairs;
  }
}

function join(one: Bucket, other: Bucket): Bucket {
  const count = one.count + other.count;
  const mean = (of: (point: LossPoint) => number) =>
    (of(one.point) * one.count + of(other.point) * other.count) / count;
  const point = {
    step: other.point.step,
    loss: mean(({ loss }) => loss),
    rankingLoss: mean(({ rankingLoss }) => rankingLoss),
    classificationLoss: mean(({ classificationLoss }) => classificationLoss),
  };
  return { point, count };
}
