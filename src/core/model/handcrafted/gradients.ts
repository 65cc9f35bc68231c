import type { GraphBuilder } from "../../onnx/index.ts";
import { addChannel } from "./lab.ts";

/** Directions of edges, over half a turn: light to dark is as dark to light. */
const DIRECTIONS = 8;
export const GRADIENT_CHANNELS = DIRECTIONS;

/**
 * Adds histograms of oriented gradients (Dalal and Triggs 2005): in each cell how strong edges are in each of eight directions, shared
 * between the two next to theirs; the whole is brought to length 1, and of each the square root is taken.
 * @param lab float32 `[N, 3, side, side]`, of which the lightness counts
 * @returns float32 `[N, 8, cells, cells]`
 */
export function addGradients(graph: GraphBuilder, lab: string, side: number, cells: number): string {
  const light = addChannel(graph, lab, 0);
  const across = addDifference(graph, light, [1, 3], [0, 0, 0, 1, 0, 0, 0, 1]);
  const down = addDifference(graph, light, [3, 1], [0, 0, 1, 0, 0, 0, 1, 0]);
  const squares = graph.op("Add", [graph.op("Mul", [across, across]), graph.op("Mul", [down, down])]);
  const strength = graph.op("Sqrt", [squares]);
  // The angle to half a turn; where nothing changes from left to right it is upright, and where nothing changes at all it counts nothing.
  const level = graph.op("Equal", [across, graph.scalar(0)]);
  const divisor = graph.op("Where", [level, graph.scalar(1e-12), across]);
  const angle = graph.op("Atan", [graph.op("Div", [down, divisor])]);
  const place = graph.op("Sub", [graph.op("Mul", [angle, graph.scalar(DIRECTIONS / Math.PI)]), graph.scalar(0.5)]);
  // From -4.5 to 3.5; so the second half of the directions lies below zero.
  const centres = graph.floats(
    Float32Array.from({ length: DIRECTIONS }, (_, d) => (d < DIRECTIONS / 2 ? d : d - DIRECTIONS)),
    [1, DIRECTIONS, 1, 1],
  );
  const away = graph.op("Abs", [graph.op("Sub", [place, centres])]);
  const round = graph.op("Min", [away, graph.op("Sub", [graph.scalar(DIRECTIONS), away])]);
  const inside = graph.op("Relu", [graph.op("Sub", [graph.scalar(1), round])]);
  const width = side / cells;
  const sums = graph.op("AveragePool", [graph.op("Mul", [inside, strength])], {
    kernel_shape: [width, width],
    strides: [width, width],
  });
  const norm = graph.op("ReduceL2", [sums], { axes: [1, 2, 3], keepdims: 1 });
  return graph.op("Sqrt", [graph.op("Div", [sums, graph.op("Max", [norm, graph.scalar(1e-12)])])]);
}

/** Half the difference of the two neighbours; 0 at the border, where one is missing. */
function addDifference(graph: GraphBuilder, map: string, kernel: readonly [number, number], pads: number[]): string {
  const weights = graph.floats(Float32Array.of(-0.5, 0, 0.5), [1, 1, ...kernel]);
  const inner = graph.op("Conv", [map, weights], { kernel_shape: kernel });
  return graph.op("Pad", [inner, graph.ints(pads)]);
}
