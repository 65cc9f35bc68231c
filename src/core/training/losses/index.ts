import { USUAL_MARGINS } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import type { LossOptions } from "../trainingStep.ts";
import { addClassification, type Classified } from "./classification.ts";
import { addPairs } from "./pairs.ts";
import { addProxyAnchor, type Proxies } from "./proxyAnchor.ts";
import { RANKINGS, type Ranking } from "./ranking.ts";

export type { Classified } from "./classification.ts";
export type { Proxies } from "./proxyAnchor.ts";

/** Outputs of the graph, scalars. */
export const REPORT = { loss: "loss", ranking: "ranking", classification: "classification", active: "active" } as const;

/**
 * Adds the loss of CGD: ranking loss on the combined embeddings + classification loss on the first descriptor, each with
 * its weight. All of `REPORT` become outputs.
 * @param combined `[n, d]`, rows of norm 1
 * @param classified undefined where there is no classification loss
 * @param proxies of the classes, for the ranking loss that has any
 */
export function addLosses(
  graph: GraphBuilder,
  options: LossOptions,
  combined: string,
  labels: string,
  n: number,
  classified: Classified | undefined,
  proxies: Proxies | undefined,
): void {
  const { loss: ranking, active } = addRanking(graph, options, combined, labels, n, proxies);
  const classification = classified === undefined ? graph.scalar(0) : addClassification(graph, classified, options);
  const weighted = (value: string, weight: number) => graph.op("Mul", [value, graph.scalar(weight)]);
  const total = graph.op("Add", [
    weighted(ranking, options.rankingWeight),
    weighted(classification, options.classificationWeight),
  ]);
  const named = { loss: total, ranking, classification, active };
  for (const [key, value] of Object.entries(named)) {
    const output = REPORT[key as keyof typeof REPORT];
    graph.op("Identity", [value], {}, output);
    graph.output(output, "float32", []);
  }
}

function addRanking(
  graph: GraphBuilder,
  { ranking, margin = null }: LossOptions,
  combined: string,
  labels: string,
  n: number,
  proxies: Proxies | undefined,
): Ranking {
  const wanted = margin ?? USUAL_MARGINS[ranking];
  if (ranking !== "proxyAnchor") return RANKINGS[ranking](graph, addPairs(graph, combined, labels, n), wanted);
  if (proxies === undefined) throw new Error("Proxy-Anchor needs proxies.");
  return addProxyAnchor(graph, combined, labels, n, proxies, wanted);
}
