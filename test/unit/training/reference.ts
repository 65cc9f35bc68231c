/** The losses and the head in float64, in plain loops and straight from their definitions. */
import type { LossOptions } from "../../../src/core/training/index.ts";

export const LOSSES: LossOptions = {
  ranking: "triplet",
  margin: 0.1,
  classification: "softmax",
  labelSmoothing: 0.1,
  temperature: 0.5,
  rankingWeight: 1,
  classificationWeight: 1,
};

export type Rows = readonly (readonly number[])[];

export const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
export const normalised = (x: readonly number[]) => x.map((v) => v / Math.max(1e-12, Math.sqrt(dot(x, x))));

/** Uniform in -1..1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

export interface Ranked {
  readonly loss: number;
  readonly active: number;
}

/** @param rows embeddings of norm 1 */
export function rankingLoss(
  rows: Rows,
  labels: readonly number[],
  { ranking, margin: given }: LossOptions,
  proxies: Rows = [],
): Ranked {
  const margin = given ?? (ranking === "contrastive" ? 0.5 : 0.1);
  const all = rows.map((_, i) => i);
  const s = (i: number, j: number) => dot(rows[i]!, rows[j]!);
  const d = (i: number, j: number) => Math.sqrt(Math.max(1e-6, 2 - 2 * s(i, j)));
  const positives = (i: number) => all.filter((j) => j !== i && labels[j] === labels[i]);
  const negatives = (i: number) => all.filter((j) => labels[j] !== labels[i]);
  switch (ranking) {
    case "triplet": {
      const hinges = all
        .filter((i) => positives(i).length > 0 && negatives(i).length > 0)
        .map((i) => {
          const far = Math.max(...positives(i).map((j) => d(i, j)));
          const near = Math.min(...negatives(i).map((j) => d(i, j)));
          return Math.max(0, far - near + margin);
        });
      return { loss: mean(hinges), active: mean(hinges.map((h) => (h > 0 ? 1 : 0))) };
    }
    case "multiSimilarity": {
      let kept = 0;
      const anchors = all.map((i) => {
        const [p, n] = [positives(i).map((j) => s(i, j)), negatives(i).map((j) => s(i, j))];
        const hardP = p.filter((x) => x < Math.max(...n, -9) + margin);
        const hardN = n.filter((x) => x > Math.min(...p, 9) - margin);
        kept += hardP.length + hardN.length;
        const side = (x: readonly number[], scale: number) =>
          Math.log(1 + x.reduce((sum, v) => sum + Math.exp(scale * (v - 0.5)), 0)) / Math.abs(scale);
        return side(hardP, -2) + side(hardN, 50);
      });
      return { loss: mean(anchors), active: kept / (all.length * (all.length - 1)) };
    }
    case "proxyAnchor": {
      const cosines = rows.map((row) => proxies.map((proxy) => dot(row, normalised(proxy))));
      const present = proxies.map((_, k) => labels.includes(k));
      const side = (k: number, own: boolean) =>
        Math.log(
          1 +
            cosines.reduce((sum, of, i) => {
              if ((labels[i] === k) !== own) return sum;
              return sum + Math.exp(own ? -32 * (of[k]! - margin) : 32 * (of[k]! + margin));
            }, 0),
        );
      const wrong = cosines.flatMap((of, i) => of.map((c, k): number => +(labels[i] === k ? c < margin : c > -margin)));
      const pulled = mean(proxies.flatMap((_, k) => (present[k] ? [side(k, true)] : [])));
      return { loss: pulled + mean(proxies.map((_, k) => side(k, false))), active: mean(wrong) };
    }
    case "contrastive": {
      const pairs = (of: (i: number) => number[]) => all.flatMap((i) => of(i).map((j) => d(i, j)));
      const [p, n] = [pairs(positives), pairs(negatives).map((x) => Math.max(0, margin - x))];
      const near = n.filter((x) => x > 0).length;
      return {
        loss: mean(p.map((x) => (x * x) / 2)) + mean(n.map((x) => (x * x) / 2)),
        active: (p.length + near) / (p.length + n.length),
      };
    }
  }
}

/** From the angle itself, as the paper has it. */
function arcFaceLogits(x: readonly number[], label: number, weights: Rows, classes: number): number[] {
  return Array.from({ length: classes }, (_, k) => {
    const cosine = dot(normalised(x), normalised(weights.map((row) => row[k]!)));
    if (k !== label) return 64 * cosine;
    const angle = Math.acos(cosine) + 0.5;
    return 64 * (angle < Math.PI ? Math.cos(angle) : cosine - 0.5 * Math.sin(0.5));
  });
}

/** @param weights `[channels][classes]` */
export function classificationLoss(
  features: Rows,
  labels: readonly number[],
  weights: Rows,
  bias: readonly number[],
  { classification, labelSmoothing, temperature }: LossOptions,
): number {
  if (classification === "none") return 0;
  const classes = weights[0]!.length;
  return mean(
    features.map((x, i) => {
      const logits =
        classification === "arcFace"
          ? arcFaceLogits(x, labels[i]!, weights, classes)
          : bias.map((b, k) => (b + x.reduce((sum, v, c) => sum + v * weights[c]![k]!, 0)) / temperature);
      const total = logits.reduce((sum, y) => sum + Math.exp(y), 0);
      return logits.reduce((sum, y, k) => {
        const p = Math.exp(y) / total;
        const target = labelSmoothing / classes + (k === labels[i] ? 1 - labelSmoothing : 0);
        return sum - target * Math.log(p) * (classification === "focal" ? (1 - p) ** 2 : 1);
      }, 0);
    }),
  );
}

/** Derivatives of a function of many numbers by central differences, in float64: right to about 1e-8. */
export function numericGradient(f: (values: readonly number[]) => number, at: readonly number[], h = 1e-6): number[] {
  return at.map((_, i) => {
    const moved = (by: number) => f(at.map((x, j) => (j === i ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

/** The largest difference, as a share of the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [scale, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference;
  }
  return worst / scale;
}
