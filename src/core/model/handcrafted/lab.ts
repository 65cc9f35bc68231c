import type { GraphBuilder } from "../../onnx/index.ts";

/** Linear sRGB to CIE XYZ (IEC 61966-2-1), row by row. */
const TO_XYZ = [0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041];
/** XYZ of white, D65. */
const WHITE = [0.95047, 1, 1.08883];
/** Below it the cube root of Lab is a straight line. */
const DARK = 0.008856;

/**
 * Adds CIE Lab of sRGB pixels.
 * @param pixels float32 `[N, 3, h, w]`, RGB, 0..255
 * @returns float32 `[N, 3, h, w]`: L 0..100, a and b about -100..100
 */
export function addLab(graph: GraphBuilder, pixels: string): string {
  const rgb = graph.op("Div", [pixels, graph.scalar(255)]);
  const curved = graph.op("Pow", [
    graph.op("Div", [graph.op("Add", [rgb, graph.scalar(0.055)]), graph.scalar(1.055)]),
    graph.scalar(2.4),
  ]);
  const straight = graph.op("Div", [rgb, graph.scalar(12.92)]);
  const linear = graph.op("Where", [graph.op("Greater", [rgb, graph.scalar(0.04045)]), curved, straight]);
  const xyz = addMix(
    graph,
    linear,
    TO_XYZ.map((x, i) => x / WHITE[Math.floor(i / 3)]!),
    [0, 0, 0],
  );
  const root = graph.op("Pow", [xyz, graph.scalar(1 / 3)]);
  const line = graph.op("Add", [graph.op("Mul", [xyz, graph.scalar(7.787)]), graph.scalar(16 / 116)]);
  const f = graph.op("Where", [graph.op("Greater", [xyz, graph.scalar(DARK)]), root, line]);
  return addMix(graph, f, [0, 116, 0, 500, -500, 0, 0, 200, -200], [-16, 0, 0]);
}

/** A linear map over three channels. @param weights `[3, 3]`, row by row @param map float32 `[N, 3, h, w]` */
export function addMix(graph: GraphBuilder, map: string, weights: readonly number[], bias: readonly number[]): string {
  const kernel = graph.floats(Float32Array.from(weights), [3, 3, 1, 1]);
  return graph.op("Conv", [map, kernel, graph.floats(Float32Array.from(bias), [3])], { kernel_shape: [1, 1] });
}

/** One channel of several. @returns float32 `[N, 1, h, w]` */
export function addChannel(graph: GraphBuilder, map: string, channel: number): string {
  return graph.op("Slice", [map, graph.ints([channel]), graph.ints([channel + 1]), graph.ints([1])]);
}
