import type { GraphBuilder } from "../../onnx/index.ts";
import { addUnitLength } from "./head.ts";

/** Overlap of neighbouring regions that R-MAC aims for at its first level. */
const OVERLAP = 0.4;

/** Numbers of regions along the longer side among which the first level chooses. */
const STEPS = [2, 3, 4, 5, 6, 7];

/** The regions of one level: squares, one at each pair of a top and a left. In positions of the feature map. */
export interface RegionGrid {
  readonly side: number;
  readonly tops: readonly number[];
  readonly lefts: readonly number[];
}

/**
 * The regions of R-MAC (Tolias et al. 2016, section 3.2). Level l has l regions along the shorter side and l + m - 1
 * along the longer one, of side 2 min(h, w) / (l + 1), spread evenly; m makes the overlap of neighbours at level 1 as
 * near to 40 % as it can be, and is 1 for a square map.
 */
export function regionGrids(height: number, width: number, levels: number): RegionGrid[] {
  const shorter = Math.min(height, width);
  const extra = height === width ? 0 : extraRegions(shorter, Math.max(height, width));
  return Array.from({ length: levels }, (_, i) => {
    const side = Math.max(1, Math.floor((2 * shorter) / (i + 2)));
    return {
      side,
      tops: spread(height - side, i + 1 + (height > width ? extra : 0)),
      lefts: spread(width - side, i + 1 + (width > height ? extra : 0)),
    };
  });
}

/** m - 1. Two neighbours that lie `(longer - shorter) / (n - 1)` apart share the rest of their side. */
function extraRegions(shorter: number, longer: number): number {
  const misses = STEPS.map((n) => Math.abs(1 - (longer - shorter) / (n - 1) / shorter - OVERLAP));
  return STEPS[misses.indexOf(Math.min(...misses))]! - 1;
}

/** `count` whole offsets from 0 to `free`, evenly. */
function spread(free: number, count: number): number[] {
  const step = count === 1 ? 0 : free / (count - 1);
  return Array.from({ length: count }, (_, i) => Math.floor(i * step));
}

/**
 * R-MAC: the maximum of each region, brought to norm 1, summed. Without the PCA of region vectors.
 * @param features float32 `[N, C, h, w]`
 * @returns `[N, C]`
 */
export function addRmac(graph: GraphBuilder, features: string, height: number, width: number, levels: number): string {
  const maxima = regionGrids(height, width, levels).map(({ side, tops, lefts }) => {
    // The maxima at every place, of which the places of the regions are picked: three nodes, whatever their number.
    const everywhere = graph.op("MaxPool", [features], { kernel_shape: [side, side] });
    const rows = graph.op("Gather", [everywhere, graph.ints(tops)], { axis: 2 });
    const picked = graph.op("Gather", [rows, graph.ints(lefts)], { axis: 3 });
    return graph.op("Reshape", [picked, graph.ints([0, 0, tops.length * lefts.length])]);
  });
  const regions = maxima.length === 1 ? maxima[0]! : graph.op("Concat", maxima, { axis: 2 });
  return graph.op("ReduceSum", [addUnitLength(graph, regions), graph.ints([2])], { keepdims: 0 });
}
