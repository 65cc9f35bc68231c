import { shareAmongEqual } from "./reduce.ts";
import { expand, type GradientRule } from "./rule.ts";

const average: GradientRule = (b) => {
  const from = b.dims(b.inputs[0]!);
  const share = b.graph.op("Mul", [b.gradient, b.graph.scalar(1 / (from[2]! * from[3]!))]);
  return [expand(b, share, from)];
};

/** The positions that hold the maximum share its gradient. */
const maximum: GradientRule = (b) => [shareAmongEqual(b, b.output, b.gradient, [2, 3])];

export const POOLING: Readonly<Record<string, GradientRule>> = { GlobalAveragePool: average, GlobalMaxPool: maximum };
