import type { GraphBuilder } from "../model/index.ts";
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
 * Adds Adam (Kingma and Ba 2015, algorithm 1, in the order of operations at the end of its section 2): m and v are
 * running means of gradient and squared gradient, the parameter moves by rate m / (sqrt(v) + floor). Adds the inputs of the
 * two moments and the outputs of all three; the parameter is an input already.
 */
export function addAdam(graph: GraphBuilder, name: string, dims: Dims, gradient: string): void {
  const mean = (input: string, value: string, beta: number, output: string): string => {
    graph.input(input, "float32", dims);
    const kept = graph.op("Mul", [input, graph.scalar(beta)]);
    graph.op("Add", [kept, graph.op("Mul", [value, graph.scalar(1 - beta)])], {}, output);
    graph.output(output, "float32", dims);
    return output;
  };
  const [m, v] = [firstMoment(name), secondMoment(name)];
  const first = mean(m, gradient, BETA1, after(m));
  const second = mean(v, graph.op("Mul", [gradient, gradient]), BETA2, after(v));
  const scale = graph.op("Add", [graph.op("Sqrt", [second]), FLOOR]);
  const change = graph.op("Mul", [graph.op("Div", [first, scale]), RATE]);
  graph.op("Sub", [name, change], {}, after(name));
  graph.output(after(name), "float32", dims);
}

/**
 * The two scalars of a step, which carry the correction of the moments' start at zero.
 * @param t number of the step, from 1 on
 */
export function adamScalars(learningRate: number, t: number): { rate: number; floor: number } {
  const correction = Math.sqrt(1 - BETA2 ** t);
  return { rate: (learningRate * correction) / (1 - BETA1 ** t), floor: EPSILON * correction };
}
