import { addL2 } from "../../model/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import { addShare, addTotal } from "./pairs.ts";
import type { Ranking } from "./ranking.ts";

/** Scale of the cosines, as in the paper. */
const ALPHA = 32;

/** A learned vector per class, which stands for it. */
export interface Proxies {
  /** Name of the parameter, float32 `[classes, d]`; of any length. */
  readonly weights: string;
  readonly classes: number;
}

/**
 * Proxy-Anchor (Kim et al. 2020, equation 4): each class has a proxy, s is an image's cosine to it. Of the classes P+ that the
 * batch has, the mean of log(1 + sum over images of the class of e^(-32 (s - margin))), and of all classes P the mean of
 * log(1 + sum over other images of e^(32 (s + margin))). A batch costs images x classes, not images x images.
 * @param embeddings `[n, d]`, rows of norm 1
 * @param labels float32 `[n]`
 * @returns as `active` the share of images and proxies that are on the wrong side of the margin
 */
export function addProxyAnchor(
  graph: GraphBuilder,
  embeddings: string,
  labels: string,
  n: number,
  { weights, classes }: Proxies,
  margin: number,
): Ranking {
  const cosines = graph.op("Gemm", [embeddings, addL2(graph, weights)], { transB: 1 });
  const names = graph.floats(
    Float32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
  );
  const truth = graph.op("Equal", [graph.op("Reshape", [labels, graph.ints([n, 1])]), names]);
  const own = graph.op("Cast", [truth], { to: 1 });
  const others = graph.op("Sub", [graph.scalar(1), own]);
  const side = (sign: 1 | -1, pairs: string): string => {
    const shifted = graph.op("Add", [cosines, graph.scalar(sign * margin)]);
    const powers = graph.op("Exp", [graph.op("Mul", [shifted, graph.scalar(sign * ALPHA)])]);
    const sum = graph.op("ReduceSum", [graph.op("Mul", [powers, pairs]), graph.ints([0])], { keepdims: 1 });
    return addTotal(graph, graph.op("Log", [graph.op("Add", [sum, graph.scalar(1)])]));
  };
  const present = addTotal(graph, graph.op("ReduceMax", [own], { axes: [0], keepdims: 1 }));
  const pulled = addShare(graph, side(-1, own), present);
  const pushed = graph.op("Mul", [side(1, others), graph.scalar(1 / classes)]);
  const beyond = (comparison: "Less" | "Greater", bound: number, pairs: string) => {
    const wrong = graph.op("Cast", [graph.op(comparison, [cosines, graph.scalar(bound)])], { to: 1 });
    return addTotal(graph, graph.op("Mul", [wrong, pairs]));
  };
  const wrong = graph.op("Add", [beyond("Less", margin, own), beyond("Greater", -margin, others)]);
  return {
    loss: graph.op("Add", [pulled, pushed]),
    active: graph.op("Mul", [wrong, graph.scalar(1 / (n * classes))]),
  };
}
