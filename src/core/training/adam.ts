import type { GraphBuilder } from "../onnx/index.ts";
import type { Dims } from "./attributes.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Scalar inputs of the graph. */
export const RATE = "rate";
export const FLOOR = "floor";

/** The outputs of a parameter's update: what the parameter and its moments are after the step. */
export const after = (name: string) => `after:${name}`;
export const firstMoment = (name: string) => `${name}/m`;
export const secondMoment = (name: string) => `${name}/v`;

/**
 * Adds Adam (Kingma and Ba 2015, algorithm 1). Its moments are kept without their constant factors, M = m / (1 - beta1) and
 * V = v / (1 - beta2), which saves a pass over each tensor: M = beta1 M + g, V = beta2 V + g^2, and the parameter moves by
 * rate M / (sqrt(V) + floor), with the factors in these two scalars. Adds the inputs of the two moments and the outputs of all
 * three; the parameter is an input already.
 * @param faster factor of its learning rate
 */
export function addAdam(graph: GraphBuilder, name: string, dims: Dims, gradient: string, faster = 1): void {
  const sum = (input: string, value: string, beta: number): string => {
    graph.input(input, "float32", dims);
    const kept = graph.op("Mul", [input, graph.scalar(beta)]);
    graph.op("Add", [kept, value], {}, after(input));
    graph.output(after(input), "float32", dims);
    return after(input);
  };
  const first = sum(firstMoment(name), gradient, BETA1);
  const second = sum(secondMoment(name), graph.op("Mul", [gradient, gradient]), BETA2);
  const scale = graph.op("Add", [graph.op("Sqrt", [second]), FLOOR]);
  const rate = faster === 1 ? RATE : graph.op("Mul", [RATE, graph.scalar(faster)]);
  const change = graph.op("Mul", [graph.op("Div", [first, scale]), rate]);
  graph.op("Sub", [name, change], {}, after(name));
  graph.output(after(name), "float32", dims);
}

/**
 * The two scalars of a step: they carry the moments' factors, and the correction of the moments' start at zero.
 * @param t number of the step, from 1 on
 */
export function adamScalars(learningRate: number, t: number): { rate: number; floor: number } {
  // sqrt(v / (1 - beta2^t)) = sqrt(V) times this.
  const root = Math.sqrt((1 - BETA2) / (1 - BETA2 ** t));
  return { rate: (learningRate * (1 - BETA1)) / (1 - BETA1 ** t) / root, floor: EPSILON / root };
}
