import type { GraphBuilder } from "../../onnx/index.ts";
import { addPowerMean, type Exponent, type Signs } from "./pooling.ts";
import { addSigmoid } from "./sigmoid.ts";
import { addWeights } from "./weights.ts";

/** The constant of CroW's channel weights; it only matters for channels that are zero everywhere. */
const EPSILON = 1e-6;

/** Keeps 0 / 0 from becoming NaN where a map is zero everywhere. */
const TINY = 1e-12;

/** The 1 x 1 convolution that gives wGeM's spatial weights. */
export interface SpatialWeights {
  /** Float32 `[C]`. */
  readonly weights: Float32Array;
  readonly bias: number;
}

/**
 * CroW, cross-dimensional weighting (Kalantidis et al. 2016, section 3.2, with a = b = 2): the weighted sum over positions,
 * times a weight per channel.
 * Spatial weight of a position: sqrt(S / |S|), S being the sum over channels and |S| its L2 norm over positions.
 * Channel weight: log((C e + sum of Q) / (e + Q_k)), Q_k being the share of positions where channel k is above zero:
 * rare channels count more, as rare words do.
 * @param features float32 `[N, C, h, w]`; the paper's maps follow a ReLU, so only the positive part counts
 * @returns `[N, C]`
 */
export function addCrow(graph: GraphBuilder, features: string, channels: number): string {
  const x = graph.op("Relu", [features]);
  const total = graph.op("ReduceSum", [x, graph.ints([1])], { keepdims: 1 });
  const norm = graph.op("Max", [graph.op("ReduceL2", [total], { axes: [2, 3], keepdims: 1 }), graph.scalar(TINY)]);
  const spatial = graph.op("Sqrt", [graph.op("Div", [total, norm])]);
  const summed = graph.op("ReduceSum", [graph.op("Mul", [x, spatial]), graph.ints([2, 3])], { keepdims: 0 });

  const active = graph.op("Cast", [graph.op("Greater", [x, graph.scalar(0)])], { to: 1 });
  const share = graph.op("Flatten", [graph.op("GlobalAveragePool", [active])]);
  const shares = graph.op("ReduceSum", [share, graph.ints([1])], { keepdims: 1 });
  const ratio = graph.op("Div", [
    graph.op("Add", [shares, graph.scalar(channels * EPSILON)]),
    graph.op("Add", [share, graph.scalar(EPSILON)]),
  ]);
  return graph.op("Mul", [summed, graph.op("Log", [ratio])]);
}

/**
 * wGeM, weighted generalised mean (Wu et al., ICIP 2018): (sum of w x^p)^(1/p), where the weights w of the positions are
 * learned: sigmoid of a 1 x 1 convolution, divided by their sum.
 * @param features float32 `[N, C, h, w]`
 * @returns `[N, C]`
 */
export function addWgem(
  graph: GraphBuilder,
  features: string,
  channels: number,
  p: Exponent,
  { weights, bias }: SpatialWeights,
  signs: Signs = "cut",
): string {
  const kernel = addWeights(graph, "spatial weights of wGeM", weights, [1, channels, 1, 1]);
  const offset = addWeights(graph, "bias of wGeM", Float32Array.of(bias), [1]);
  const raw = addSigmoid(graph, graph.op("Conv", [features, kernel, offset], { kernel_shape: [1, 1] }));
  const sum = graph.op("ReduceSum", [raw, graph.ints([2, 3])], { keepdims: 1 });
  const normalised = graph.op("Div", [raw, sum]);
  return addPowerMean(graph, features, p, signs, (powers) =>
    graph.op("ReduceSum", [graph.op("Mul", [powers, normalised]), graph.ints([2, 3])], { keepdims: 1 }),
  );
}
