import { mix } from "../neighbours/index.ts";
import { CoefficientTable } from "./coefficientTable.ts";
import { type Curve, fitCurve } from "./curve.ts";
import type { EdgeList } from "./fuzzyGraph.ts";

export interface LayoutOptions {
  readonly epochs: number;
  readonly minDist: number;
  readonly seed: number;
  /** uint8 `[count]`: 0 for a point that stays where it is. All move where absent. */
  readonly movable?: Uint8Array | undefined;
  /** Learning rate at the start, falling to 0; 1 for a whole layout. */
  readonly rate?: number;
  /** Called after each epoch, from 1. */
  readonly onEpoch?: (epoch: number) => void;
}

/** Random points that push a point away, per edge that pulls it. */
const NEGATIVES = 5;
/** No step is longer than this, times the learning rate. */
const CLIP = 4;

/** As many epochs as umap-learn takes: fewer, as umap-js takes from 2,500 points on, make maps that are less trustworthy. */
export function epochsFor(count: number): number {
  return count <= 10_000 ? 500 : 200;
}

/**
 * Moves the points of a map by UMAP's stochastic gradient descent: edges pull, random points push (McInnes et al.,
 * "UMAP", 2018, section 4.2 and algorithm 5). One thread and a seeded source of random numbers, so the same input gives
 * the same bits.
 * @param points float32 `[count, 2]`, changed in place
 */
export function optimiseLayout(points: Float32Array, graph: EdgeList, options: LayoutOptions): void {
  const count = points.length / 2;
  const { epochs, seed, onEpoch = () => {}, rate = 1 } = options;
  const movable = options.movable ?? new Uint8Array(count).fill(1);
  const edges = scheduled(graph, epochs, movable);
  const { heads, tails, period } = edges;
  const next = period.slice();
  const nextNegative = period.map((epochsBetween) => epochsBetween / NEGATIVES);
  const pull = new CoefficientTable(pullOf(fitCurve(options.minDist)));
  const push = new CoefficientTable(pushOf(fitCurve(options.minDist)));
  let x = mix(seed) | 1;
  let y = mix(seed + 0x3c6ef372) | 0;
  let z = mix(seed + 0xdaa66d2b) | 0;
  let w = mix(seed + 0x78dde6e4) | 0;

  for (let epoch = 0; epoch < epochs; epoch++) {
    const step = rate * (1 - epoch / epochs);
    for (let e = 0; e < heads.length; e++) {
      if (next[e]! > epoch) continue;
      const head = 2 * heads[e]!;
      const tail = 2 * tails[e]!;
      let px = points[head]!;
      let py = points[head + 1]!;
      let dx = px - points[tail]!;
      let dy = py - points[tail + 1]!;
      let squared = dx * dx + dy * dy;
      if (squared > 0) {
        const coefficient = pull.at(squared);
        const gx = clip(coefficient * dx) * step;
        const gy = clip(coefficient * dy) * step;
        px += gx;
        py += gy;
        if (movable[tails[e]!] === 1) {
          points[tail]! -= gx;
          points[tail + 1]! -= gy;
        }
      }
      next[e]! += period[e]!;

      const between = period[e]! / NEGATIVES;
      const negatives = Math.floor((epoch - nextNegative[e]!) / between);
      for (let n = 0; n < negatives; n++) {
        // xorshift128, written out: a call per number would cost as much as the rest of the loop.
        const t = x ^ (x << 11);
        x = y;
        y = z;
        z = w;
        w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
        const other = 2 * ((w >>> 0) % count);
        if (other === head) continue;
        dx = px - points[other]!;
        dy = py - points[other + 1]!;
        squared = dx * dx + dy * dy;
        if (squared > 0) {
          const coefficient = push.at(squared);
          px += clip(coefficient * dx) * step;
          py += clip(coefficient * dy) * step;
        } else {
          // Two points at one place part in some direction, rather than never.
          px += CLIP * step;
          py += CLIP * step;
        }
      }
      nextNegative[e]! += negatives * between;
      points[head] = px;
      points[head + 1] = py;
    }
    onEpoch(epoch + 1);
  }
}

/** The edges that move something often enough to be used at least once, and the epochs between two uses of each. */
function scheduled({ heads, tails, weights }: EdgeList, epochs: number, movable: Uint8Array) {
  let strongest = 0;
  for (const weight of weights) strongest = Math.max(strongest, weight);
  const isUsed = (e: number) => movable[heads[e]!] === 1 && weights[e]! >= strongest / epochs;
  let count = 0;
  for (let e = 0; e < weights.length; e++) if (isUsed(e)) count++;
  const used = new Int32Array(count);
  for (let e = 0, to = 0; e < weights.length; e++) if (isUsed(e)) used[to++] = e;
  return {
    heads: used.map((e) => heads[e]!),
    tails: used.map((e) => tails[e]!),
    period: Float32Array.from(used, (e) => strongest / weights[e]!),
  };
}

function clip(value: number): number {
  return Math.min(CLIP, Math.max(-CLIP, value));
}

/** Gradient of the pull of an edge, divided by the difference of the points, by their squared distance. */
function pullOf({ a, b }: Curve): (squared: number) => number {
  return (squared) => (-2 * a * b * squared ** (b - 1)) / (1 + a * squared ** b);
}

/** The same for the push of a random point; 0.001 keeps it finite. */
function pushOf({ a, b }: Curve): (squared: number) => number {
  return (squared) => (2 * b) / ((0.001 + squared) * (1 + a * squared ** b));
}
