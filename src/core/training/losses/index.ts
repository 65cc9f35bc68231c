import { USUAL_MARGINS } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import type { LossOptions } from "../trainingStep.ts";
import { addClassification, type Classified } from "./classification.ts";
import { addPairs } from "./pairs.ts";
import { RANKINGS } from "./ranking.ts";

export type { Classified } from "./classification.ts";

/** Outputs of the graph, scalars. */
export const REPORT = { loss: "loss", ranking: "ranking", classification: "classification", active: "active" } as const;

/**
 * Adds the loss of CGD: ranking loss on the combined embeddings + classification loss on the first descriptor, each with
 * its weight. All of `REPORT` become outputs.
 * @param combined `[n, d]`, rows of norm 1
 * @param classified undefined where there is no classification loss
 */
export function addLosses(
  graph: GraphBuilder,
  options: LossOptions,
  combined: string,
  labels: string,
  n: number,
  classified: Classified | undefined,
): void {
  const { loss: ranking, active } = RANKINGS[options.ranking](
    graph,
    addPairs(graph, combined, labels, n),
    options.margin ?? USUAL_MARGINS[options.ranking],
  );
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
