import { intOf } from "../attributes.ts";
import { type Backward, type GradientRule, sizeOf, unbroadcast } from "./rule.ts";

/** Of LayerNormalization where the node does not say. */
const EPSILON = 1e-5;

/** y = softmax(x) along the last axis: dx = y (dy - sum of dy y). */
const softmax: GradientRule = (b) => {
  const { graph, node, gradient, output, dims } = b;
  const rank = dims(output).length;
  if (!alongLast(b)) return `along axis ${intOf(node, "axis", -1)} of ${rank}`;
  const weighted = graph.op("Mul", [gradient, output]);
  const total = graph.op("ReduceSum", [weighted, graph.ints([rank - 1])], { keepdims: 1 });
  return [graph.op("Mul", [output, graph.op("Sub", [gradient, total])])];
};

/**
 * y = n g + c with n = (x - mean) / sqrt(variance + epsilon) along the last axis (Ba et al. 2016, equations 3 and 4). With
 * dn = dy g: dx = (dn - mean of dn - n times the mean of dn n) / sqrt(variance + epsilon); dg = dy n and dc = dy, summed over
 * rows. Mean and deviation are computed again: the node's own are optional results that not every device gives.
 */
const layerNormalization: GradientRule = (b) => {
  const { graph, node, inputs, gradient, dims, output } = b;
  const [x, scale] = inputs as [string, string];
  const rank = dims(output).length;
  if (!alongLast(b)) return `along axis ${intOf(node, "axis", -1)} of ${rank}`;
  const epsilon = node.attribute.find(({ name }) => name === "epsilon")?.f ?? EPSILON;
  const mean = (value: string) => graph.op("ReduceMean", [value], { axes: [rank - 1], keepdims: 1 });
  const centred = graph.op("Sub", [x, mean(x)]);
  const variance = mean(graph.op("Mul", [centred, centred]));
  const deviation = graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(epsilon)])]);
  const normal = graph.op("Div", [centred, deviation]);
  const inner = () => {
    const scaled = graph.op("Mul", [gradient, scale]);
    const along = graph.op("Mul", [normal, mean(graph.op("Mul", [scaled, normal]))]);
    const rest = graph.op("Sub", [graph.op("Sub", [scaled, mean(scaled)]), along]);
    return graph.op("Div", [rest, deviation]);
  };
  const summed = (value: string, i: number) => unbroadcast(b, value, dims(output), inputs[i]!);
  return [
    b.needs(0) ? inner() : undefined,
    b.needs(1) ? summed(graph.op("Mul", [gradient, normal]), 1) : undefined,
    ...(inputs[2] ? [b.needs(2) ? summed(gradient, 2) : undefined] : []),
  ];
};

/** Whether a node works along the last axis alone. */
function alongLast({ node, output, dims }: Backward): boolean {
  const sizes = dims(output);
  const axis = intOf(node, "axis", -1);
  return sizeOf(sizes.slice(axis < 0 ? axis + sizes.length : axis)) === sizes.at(-1);
}

export const NORMALISED: Readonly<Record<string, GradientRule>> = {
  Softmax: softmax,
  LayerNormalization: layerNormalization,
};
