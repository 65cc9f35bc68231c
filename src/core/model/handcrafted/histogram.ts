import type { GraphBuilder } from "../../onnx/index.ts";
import { addMix } from "./lab.ts";

/** Bins over L, a and b, and what they span; beyond it lies the outermost bin. */
const BINS = [6, 8, 8] as const;
const FROM = [0, -60, -60] as const;
const TO = [100, 60, 60] as const;
export const HISTOGRAM_CHANNELS = BINS[0] * BINS[1] * BINS[2];

/**
 * Adds a histogram of colours in each of some cells: each pixel counts in the eight bins around its colour, by how near it is to their
 * centres (trilinear). Of each bin the square root is taken, so the power mean over cells with p = 2 is that of the whole picture.
 * @param lab float32 `[N, 3, side, side]`
 * @returns float32 `[N, 384, cells, cells]`
 */
export function addHistogram(graph: GraphBuilder, lab: string, side: number, cells: number): string {
  const width = side / cells;
  const pixels = width ** 2;
  const scale = BINS.map((bins, c) => bins / (TO[c]! - FROM[c]!));
  const places = addMix(
    graph,
    lab,
    scale.flatMap((s, c) => [0, 1, 2].map((from) => (from === c ? s : 0))),
    scale.map((s, c) => -FROM[c]! * s - 0.5),
  );
  // By cells first, while there are three channels: `[N, cells, 3, pixels]`.
  const cut = graph.op("Reshape", [places, graph.ints([0, 3, cells, width, cells, width])]);
  const moved = graph.op("Transpose", [cut], { perm: [0, 2, 4, 1, 3, 5] });
  const byCells = graph.op("Reshape", [moved, graph.ints([0, cells ** 2, 3, pixels])]);
  /** How much each pixel is in each bin of a channel, with axes of its own for pixels and bins. */
  const inBins = (channel: number, shape: readonly number[], axis: readonly number[]) => {
    const bins = BINS[channel]!;
    const own = graph.op("Slice", [byCells, graph.ints([channel]), graph.ints([channel + 1]), graph.ints([2])]);
    const within = graph.op("Clip", [own, graph.scalar(0), graph.scalar(bins - 1)]);
    const apart = graph.op("Reshape", [within, graph.ints([0, cells ** 2, ...shape])]);
    const centres = graph.floats(
      Float32Array.from({ length: bins }, (_, bin) => bin),
      axis,
    );
    const away = graph.op("Abs", [graph.op("Sub", [apart, centres])]);
    return graph.op("Relu", [graph.op("Sub", [graph.scalar(1), away])]);
  };
  const light = inBins(0, [1, 1, pixels], [BINS[0], 1, 1]);
  const red = inBins(1, [1, 1, pixels], [1, BINS[1], 1]);
  const yellow = inBins(2, [pixels, 1], [1, BINS[2]]);
  // With the pixels innermost this is several times as fast as with the bins.
  const both = graph.op("Reshape", [
    graph.op("Mul", [light, red]),
    graph.ints([0, cells ** 2, BINS[0] * BINS[1], pixels]),
  ]);
  const counts = graph.op("Reshape", [
    graph.op("MatMul", [both, yellow]),
    graph.ints([0, cells ** 2, HISTOGRAM_CHANNELS]),
  ]);
  const shares = graph.op("Div", [graph.op("Transpose", [counts], { perm: [0, 2, 1] }), graph.scalar(pixels)]);
  return graph.op("Sqrt", [graph.op("Reshape", [shares, graph.ints([0, HISTOGRAM_CHANNELS, cells, cells])])]);
}
