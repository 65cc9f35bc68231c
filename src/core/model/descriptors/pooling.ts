import type { GraphBuilder } from "../../onnx/index.ts";
import { addWeights } from "./weights.ts";

/** Exponent of a power mean: one for all channels, or float32 `[C]` with one per channel (Radenovic et al. 2018). */
export type Exponent = number | Float32Array;

/** Keeps a division by a channel that is zero everywhere defined; far below any activation that matters. */
const FLOOR = 1e-6;

/** SPoC: the mean over positions. @param features float32 `[N, C, h, w]` @returns `[N, C]` */
export function addSpoc(graph: GraphBuilder, features: string): string {
  return graph.op("Flatten", [graph.op("GlobalAveragePool", [features])]);
}

/** MAC: the maximum over positions. @param features float32 `[N, C, h, w]` @returns `[N, C]` */
export function addMac(graph: GraphBuilder, features: string): string {
  return graph.op("Flatten", [graph.op("GlobalMaxPool", [features])]);
}

/** What a power mean does with values below zero: nothing is left of them, or each channel is shifted by its minimum. */
export type Signs = "cut" | "shift";

/** GeM: the power mean over positions, (mean of x^p)^(1/p). @param features float32 `[N, C, h, w]` @returns `[N, C]` */
export function addGem(graph: GraphBuilder, features: string, p: Exponent, signs: Signs = "cut"): string {
  return addPowerMean(graph, features, p, signs, (powers) => graph.op("GlobalAveragePool", [powers]));
}

/**
 * The power mean over positions. x^p is defined for no value below zero: either only the positive part counts, or each
 * channel's minimum m is taken away and added afterwards, m + (mean of (x - m)^p)^(1/p), which is the mean for p = 1 and
 * comes to the maximum for a great p, as for positive values (Shao et al. 2023 shift in this way, by one minimum for all).
 * Each channel is divided by its maximum before the power and multiplied after it, so that a high p neither overflows
 * nor loses everything below 1, in float32 as in float16; a channel of zeros stays zero.
 * @param features float32 `[N, C, h, w]`
 * @param mean adds a mean over positions, `[N, C, h, w]` to `[N, C, 1, 1]`
 * @returns `[N, C]`
 */
export function addPowerMean(
  graph: GraphBuilder,
  features: string,
  p: Exponent,
  signs: Signs,
  mean: (powers: string) => string,
): string {
  if (signs === "cut") return graph.op("Flatten", [positiveMean(graph, graph.op("Relu", [features]), p, mean)]);
  // The minimum, with its sign turned round: pooling knows maxima only.
  const depth = graph.op("GlobalMaxPool", [graph.op("Neg", [features])]);
  const shifted = positiveMean(graph, graph.op("Add", [features, depth]), p, mean);
  return graph.op("Flatten", [graph.op("Sub", [shifted, depth])]);
}

/** @param positive float32 `[N, C, h, w]`, nothing below zero @returns `[N, C, 1, 1]` */
function positiveMean(graph: GraphBuilder, positive: string, p: Exponent, mean: (powers: string) => string): string {
  const peak = graph.op("Max", [graph.op("GlobalMaxPool", [positive]), graph.scalar(FLOOR)]);
  const powers = graph.op("Pow", [graph.op("Div", [positive, peak]), addExponent(graph, p)]);
  const inverse = typeof p === "number" ? 1 / p : p.map((x) => 1 / x);
  const relative = graph.op("Pow", [mean(powers), addExponent(graph, inverse)]);
  return graph.op("Mul", [relative, peak]);
}

function addExponent(graph: GraphBuilder, p: Exponent): string {
  return typeof p === "number" ? graph.scalar(p) : addWeights(graph, "exponents", p, [1, p.length, 1, 1]);
}
