import { Random } from "../neighbours/index.ts";
import { fuzzyGraph, type Neighbourhoods } from "./fuzzyGraph.ts";
import { epochsFor, optimiseLayout } from "./layout.ts";
import { placePoints } from "./placement.ts";

/** A map to be made, as plain data that can be sent to a worker. */
export interface LayoutTask {
  readonly neighbourhoods: Neighbourhoods;
  /** float32 `[count, 2]`: where the points start. */
  readonly start: Float32Array;
  /** uint8 `[count]`: 1 where `start` is a position to keep; the others are placed and refined. A whole layout where absent. */
  readonly placed?: Uint8Array | undefined;
  readonly minDist: number;
  readonly seed: number;
}

/** Points of a whole layout start within this distance of 0 on each axis, as in umap-learn. */
const START_EXTENT = 10;

/**
 * Makes one map. Pure JavaScript: it may run in a worker and be terminated at any moment.
 * @param onEpoch gets the points (the array that is being changed) after each epoch
 * @returns float32 `[count, 2]`
 */
export function runLayout(
  { neighbourhoods, start, placed, minDist, seed }: LayoutTask,
  onEpoch: (points: Float32Array, epoch: number, epochs: number) => void = () => {},
): Float32Array {
  const graph = fuzzyGraph(neighbourhoods);
  const whole = epochsFor(neighbourhoods.count);
  if (placed === undefined) {
    const points = startingPoints(start, seed);
    optimiseLayout(points, graph, { epochs: whole, minDist, seed, onEpoch: (epoch) => onEpoch(points, epoch, whole) });
    return points;
  }
  const points = start.slice();
  placePoints(points, placed, neighbourhoods, seed);
  // A third of the epochs at a quarter of the rate, as umap-learn's transform: the points are nearly where they belong.
  const epochs = Math.ceil(whole / 3);
  const movable = placed.map((kept) => 1 - kept);
  optimiseLayout(points, graph, {
    epochs,
    minDist,
    seed,
    movable,
    rate: 0.25,
    onEpoch: (epoch) => onEpoch(points, epoch, epochs),
  });
  return points;
}

/** Scaled to the usual extent, with a little noise: points at one place would never part. */
function startingPoints(start: Float32Array, seed: number): Float32Array {
  const random = new Random(seed ^ 0x5bd1e995);
  let largest = 0;
  for (const value of start) largest = Math.max(largest, Math.abs(value));
  const flat = !(largest > 1e-6);
  const scale = flat ? 0 : START_EXTENT / largest;
  const noise = flat ? 2 * START_EXTENT : 1e-3 * START_EXTENT;
  return start.map((value) => value * scale + noise * (random.unit() - 0.5));
}
