import type { RankingLoss } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import { addAbove, addRowSum, addShare, addTotal, type Pairs } from "./pairs.ts";

/** A ranking loss, and the share of triplets or pairs that give a gradient: names of scalars. */
export interface Ranking {
  readonly loss: string;
  readonly active: string;
}

type AddRanking = (graph: GraphBuilder, pairs: Pairs, margin: number) => Ranking;

/** More than any distance or cosine differs from another. */
const FAR = 10;

/** Scales of positive and negative pairs and the threshold, as in the code of Wang et al. */
const ALPHA = 2;
const BETA = 50;
const THRESHOLD = 0.5;

/**
 * Batch-hard triplets (Hermans et al. 2017, equation 5): the mean over anchors of max(0, hardest positive - hardest negative +
 * margin), in Euclidean distance. An anchor without a positive or without a negative is left out.
 */
const triplet: AddRanking = (graph, { distance, positive, negative }, margin) => {
  const farthest = (value: string, op: string) => graph.op(op, [value], { axes: [1], keepdims: 1 });
  const hardestPositive = farthest(graph.op("Mul", [distance, positive]), "ReduceMax");
  const others = graph.op("Mul", [graph.op("Sub", [graph.scalar(1), negative]), graph.scalar(FAR)]);
  const hardestNegative = farthest(graph.op("Add", [distance, others]), "ReduceMin");
  const gap = graph.op("Add", [graph.op("Sub", [hardestPositive, hardestNegative]), graph.scalar(margin)]);
  const anchors = graph.op("Mul", [has(graph, positive), has(graph, negative)]);
  const hinge = graph.op("Mul", [graph.op("Relu", [gap]), anchors]);
  const count = addTotal(graph, anchors);
  return {
    loss: addShare(graph, addTotal(graph, hinge), count),
    active: addShare(graph, addTotal(graph, addAbove(graph, hinge, graph.scalar(0))), count),
  };
};

/** Per row, 1 where any of its pairs counts. */
function has(graph: GraphBuilder, pairs: string): string {
  return graph.op("ReduceMax", [pairs], { axes: [1], keepdims: 1 });
}

/**
 * Multi-similarity (Wang et al. 2019, equations 8 to 11): of each anchor's pairs those that are hard count, negatives
 * nearer than the farthest positive - margin and positives farther than the nearest negative + margin, in cosine;
 * log(1 + sum exp(-2 (s - 0.5))) / 2 over the positives + log(1 + sum exp(50 (s - 0.5))) / 50 over the negatives; the mean over
 * anchors.
 */
const multiSimilarity: AddRanking = (graph, { n, similarity: s, positive, negative }, margin) => {
  // Out of reach: 10 above for the least positive, 10 below for the greatest negative.
  const outside = (pairs: string) => graph.op("Mul", [graph.op("Sub", [graph.scalar(1), pairs]), graph.scalar(FAR)]);
  const least = graph.op("ReduceMin", [graph.op("Add", [s, outside(positive)])], { axes: [1], keepdims: 1 });
  const most = graph.op("ReduceMax", [graph.op("Sub", [s, outside(negative)])], { axes: [1], keepdims: 1 });
  const kept = (pairs: string, hard: string) => graph.op("Mul", [pairs, hard]);
  const negatives = kept(negative, addAbove(graph, s, graph.op("Sub", [least, graph.scalar(margin)])));
  const positives = kept(positive, addAbove(graph, graph.op("Add", [most, graph.scalar(margin)]), s));
  const centred = graph.op("Sub", [s, graph.scalar(THRESHOLD)]);
  const side = (pairs: string, scale: number): string => {
    const weights = graph.op("Exp", [graph.op("Mul", [centred, graph.scalar(scale)])]);
    const sum = addRowSum(graph, graph.op("Mul", [weights, pairs]));
    const log = graph.op("Log", [graph.op("Add", [sum, graph.scalar(1)])]);
    return graph.op("Mul", [log, graph.scalar(1 / Math.abs(scale))]);
  };
  const anchors = graph.op("Add", [side(positives, -ALPHA), side(negatives, BETA)]);
  const active = graph.op("Add", [addTotal(graph, positives), addTotal(graph, negatives)]);
  return {
    loss: graph.op("Mul", [addTotal(graph, anchors), graph.scalar(1 / n)]),
    active: addShare(graph, active, allPairs(graph, positive, negative)),
  };
};

function allPairs(graph: GraphBuilder, positive: string, negative: string): string {
  return graph.op("Add", [addTotal(graph, positive), addTotal(graph, negative)]);
}

/**
 * Contrastive (Hadsell et al. 2006, equation 4): the mean over positive pairs of d^2 / 2, plus the mean over negative pairs of
 * max(0, margin - d)^2 / 2. Two means, since a batch has many times more negative pairs.
 */
const contrastive: AddRanking = (graph, { distance, positive, negative }, margin) => {
  const half = (value: string, pairs: string) => {
    const squared = graph.op("Mul", [graph.op("Mul", [value, value]), pairs]);
    const mean = addShare(graph, addTotal(graph, squared), addTotal(graph, pairs));
    return graph.op("Mul", [mean, graph.scalar(0.5)]);
  };
  const missing = graph.op("Relu", [graph.op("Sub", [graph.scalar(margin), distance])]);
  const near = graph.op("Mul", [addAbove(graph, missing, graph.scalar(0)), negative]);
  const active = graph.op("Add", [addTotal(graph, positive), addTotal(graph, near)]);
  return {
    loss: graph.op("Add", [half(distance, positive), half(missing, negative)]),
    active: addShare(graph, active, allPairs(graph, positive, negative)),
  };
};

/** Those that compare the images of a batch with each other. */
export const RANKINGS: Readonly<Record<Exclude<RankingLoss, "proxyAnchor">, AddRanking>> = {
  triplet,
  multiSimilarity,
  contrastive,
};
