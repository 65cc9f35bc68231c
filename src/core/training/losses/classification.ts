import type { GraphBuilder } from "../../onnx/index.ts";
import type { LossOptions } from "../trainingStep.ts";
import { addRowSum } from "./pairs.ts";

/** Focusing exponent of Lin et al. */
const GAMMA = 2;

/** What the auxiliary classifier works on. */
export interface Classified {
  /** Float32 `[n, channels]`. */
  readonly features: string;
  /** Names of the parameters: `[channels, classes]` and `[classes]`. */
  readonly weights: string;
  readonly bias: string;
  /** Float32 `[n]`. */
  readonly labels: string;
  readonly n: number;
  readonly classes: number;
}

/**
 * The auxiliary classification loss of CGD (section 3.3): softmax cross-entropy of logits / temperature, with label
 * smoothing (Szegedy et al. 2016, section 7): the target of the true class is 1 - s + s / classes, of each other one
 * s / classes. Focal (Lin et al. 2017, equation 5): each class's term is weighted with (1 - probability)^2.
 * @returns the mean over images, a scalar
 */
export function addClassification(
  graph: GraphBuilder,
  { features, weights, bias, labels, n, classes }: Classified,
  { classification, labelSmoothing, temperature }: LossOptions,
): string {
  const product = graph.op("Add", [graph.op("MatMul", [features, weights]), bias]);
  const logits = graph.op("Mul", [product, graph.scalar(1 / temperature)]);
  const logProbabilities = addLogSoftmax(graph, logits);
  const names = graph.floats(
    Float32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
  );
  const truth = graph.op("Equal", [graph.op("Reshape", [labels, graph.ints([n, 1])]), names]);
  const sharp = graph.op("Mul", [graph.op("Cast", [truth], { to: 1 }), graph.scalar(1 - labelSmoothing)]);
  let targets = graph.op("Add", [sharp, graph.scalar(labelSmoothing / classes)]);
  if (classification === "focal") {
    const rest = graph.op("Sub", [graph.scalar(1), graph.op("Exp", [logProbabilities])]);
    targets = graph.op("Mul", [targets, graph.op("Pow", [rest, graph.scalar(GAMMA)])]);
  }
  const sum = graph.op("ReduceSum", [graph.op("Mul", [logProbabilities, targets])], { keepdims: 0 });
  return graph.op("Mul", [sum, graph.scalar(-1 / n)]);
}

/**
 * log(softmax(x)) of each row. In plain operators: WebGPU lacks LogSoftmax, and it would run on the CPU.
 * @param x float32 `[n, classes]`
 */
function addLogSoftmax(graph: GraphBuilder, x: string): string {
  // What all of a row are shifted by changes nothing but the range of exp. Behind a Cast, which has no gradient, it gets none.
  const most = graph.op("Cast", [graph.op("ReduceMax", [x], { axes: [1], keepdims: 1 })], { to: 1 });
  const shifted = graph.op("Sub", [x, most]);
  return graph.op("Sub", [shifted, graph.op("Log", [addRowSum(graph, graph.op("Exp", [shifted]))])]);
}
