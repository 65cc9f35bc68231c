import { addL2 } from "../../model/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import type { LossOptions } from "../trainingStep.ts";
import { addRowSum } from "./pairs.ts";

/** Focusing exponent of Lin et al. */
const GAMMA = 2;

/** What the auxiliary classifier works on. */
export interface Classified {
  /** Float32 `[n, channels]`. */
  readonly features: string;
  /** Names of the parameters: `[channels, classes]` and `[classes]`; a normalised classifier has no bias. */
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
 * arcFace: the same of the logits of a normalised classifier with a margin (`addAngularLogits`).
 * @returns the mean over images, a scalar
 */
export function addClassification(
  graph: GraphBuilder,
  { features, weights, bias, labels, n, classes }: Classified,
  { classification, labelSmoothing, temperature }: LossOptions,
): string {
  const names = graph.floats(
    Float32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
  );
  const truth = graph.op("Equal", [graph.op("Reshape", [labels, graph.ints([n, 1])]), names]);
  const own = graph.op("Cast", [truth], { to: 1 });
  const plain = () => {
    const product = graph.op("Add", [graph.op("MatMul", [features, weights]), bias]);
    return graph.op("Mul", [product, graph.scalar(1 / temperature)]);
  };
  const logits = classification === "arcFace" ? addAngularLogits(graph, features, weights, own) : plain();
  const logProbabilities = addLogSoftmax(graph, logits);
  const sharp = graph.op("Mul", [own, graph.scalar(1 - labelSmoothing)]);
  let targets = graph.op("Add", [sharp, graph.scalar(labelSmoothing / classes)]);
  if (classification === "focal") {
    const rest = graph.op("Sub", [graph.scalar(1), graph.op("Exp", [logProbabilities])]);
    targets = graph.op("Mul", [targets, graph.op("Pow", [rest, graph.scalar(GAMMA)])]);
  }
  const sum = graph.op("ReduceSum", [graph.op("Mul", [logProbabilities, targets])], { keepdims: 0 });
  return graph.op("Mul", [sum, graph.scalar(-1 / n)]);
}

/** Scale of the cosines and margin in radians, as in the paper. */
const SCALE = 64;
const MARGIN = 0.5;
/** Squared sines below this count as this: the root of zero has no gradient. */
const LEAST_SQUARED = 1e-6;

/**
 * ArcFace (Deng et al. 2019, equation 3): logits are 64 cos(t), with t the angle between an image's features and the weights of a
 * class, both of norm 1; for its own class 64 cos(t + 0.5). Where t + 0.5 would pass pi, from where on cos rises again, it is
 * 64 (cos(t) - 0.5 sin(0.5)), as in the code of the authors.
 * @param own float32 `[n, classes]`: 1 for an image's own class, else 0
 */
function addAngularLogits(graph: GraphBuilder, features: string, weights: string, own: string): string {
  const columns = addL2(graph, graph.op("Transpose", [weights], { perm: [1, 0] }));
  const cosine = graph.op("Gemm", [addL2(graph, features), columns], { transB: 1 });
  const squared = graph.op("Sub", [graph.scalar(1), graph.op("Mul", [cosine, cosine])]);
  const sine = graph.op("Sqrt", [graph.op("Max", [squared, graph.scalar(LEAST_SQUARED)])]);
  const turned = graph.op("Sub", [
    graph.op("Mul", [cosine, graph.scalar(Math.cos(MARGIN))]),
    graph.op("Mul", [sine, graph.scalar(Math.sin(MARGIN))]),
  ]);
  const lowered = graph.op("Sub", [cosine, graph.scalar(MARGIN * Math.sin(MARGIN))]);
  const before = graph.op("Cast", [graph.op("Greater", [cosine, graph.scalar(-Math.cos(MARGIN))])], { to: 1 });
  const behind = graph.op("Sub", [graph.scalar(1), before]);
  const harder = graph.op("Add", [graph.op("Mul", [turned, before]), graph.op("Mul", [lowered, behind])]);
  const change = graph.op("Mul", [graph.op("Sub", [harder, cosine]), own]);
  return graph.op("Mul", [graph.op("Add", [cosine, change]), graph.scalar(SCALE)]);
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
