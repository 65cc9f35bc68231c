import type { NodeProto } from "onnx-buf";
import { type GraphBuilder, GraphView } from "../onnx/index.ts";
import type { Dims } from "./attributes.ts";
import { CannotTrainError } from "./errors.ts";
import { addUp, type Backward, GRADIENTS, WITHOUT_GRADIENT } from "./gradients/index.ts";
import { inferShapes } from "./shapes.ts";

export interface DifferentiateOptions {
  /** A scalar. */
  readonly loss: string;
  /** Sizes of the parameters, which are inputs of the graph, by name. */
  readonly parameters: ReadonlyMap<string, Dims>;
  /** Sizes of the other inputs. */
  readonly inputs: ReadonlyMap<string, Dims>;
  /** Name of the model, for messages. */
  readonly model: string;
}

const UNSIZED = "in a form that is not known here, or of a size that is only known at run time";

/**
 * Adds the gradients of a loss to the graph that computes it: walks its nodes from the last to the first, and lets each
 * operator's rule add what its inputs get (reverse accumulation; Griewank and Walther, "Evaluating Derivatives", 2008,
 * chapter 3). Values that lead to no parameter are passed over, so a frozen part costs nothing.
 * @returns the names of the gradients, by parameter; a parameter that the loss does not depend on is left out
 * @throws CannotTrainError where an operator on the way to a parameter is not on the list
 */
export function differentiate(
  graph: GraphBuilder,
  { loss, parameters, inputs, model }: DifferentiateOptions,
): ReadonlyMap<string, string> {
  const { nodes, initializers } = graph.parts();
  const forward = [...nodes];
  const view = new GraphView({ node: forward, initializer: [...initializers] });
  const shapes = new Map<string, Dims>([...inputs, ...parameters]);
  inferShapes(forward, shapes, view);
  const trained = dependents(forward, parameters);
  const useful = ancestors(forward, loss);
  const onTheWay = forward.filter(
    ({ opType, output }) => trained.has(output[0]!) && useful.has(output[0]!) && !WITHOUT_GRADIENT.has(opType),
  );
  const foreign = onTheWay.find(({ opType }) => !(opType in GRADIENTS));
  if (foreign !== undefined) throw cannot(model, foreign, "which has no gradient here");
  // The first of them: those behind it have no size for its sake.
  const unsized = onTheWay.find(({ output }) => output.length === 1 && !shapes.has(output[0]!));
  if (unsized !== undefined) throw cannot(model, unsized, UNSIZED);
  const gradients = new Map<string, string[]>([[loss, [graph.scalar(1)]]]);
  const total = (value: string): string | undefined => {
    const parts = gradients.get(value);
    if (parts === undefined) return undefined;
    const sum = addUp(graph, parts);
    gradients.set(value, [sum]);
    return sum;
  };
  const dims = (value: string): Dims => {
    const found = shapes.get(value) ?? view.dims(value);
    if (found === undefined) throw new Error(`The size of ${value} is not known.`);
    return found;
  };

  for (const node of forward.toReversed()) {
    const output = node.output[0]!;
    if (!trained.has(output) || WITHOUT_GRADIENT.has(node.opType)) continue;
    const gradient = total(output);
    if (gradient === undefined) continue;
    const parts = apply({
      graph,
      view,
      node,
      inputs: node.input,
      output,
      gradient,
      needs: (i) => trained.has(node.input[i]!),
      dims,
    });
    if (typeof parts === "string") throw cannot(model, node, parts);
    for (const [i, part] of parts.entries()) {
      const input = node.input[i];
      if (part === undefined || input === undefined || !trained.has(input)) continue;
      gradients.set(input, [...(gradients.get(input) ?? []), part]);
    }
  }
  return new Map(
    [...parameters.keys()].flatMap((name) => {
      const gradient = total(name);
      return gradient === undefined ? [] : [[name, gradient]];
    }),
  );
}

function apply(backward: Backward): readonly (string | undefined)[] | string {
  const { node, inputs, output, dims } = backward;
  const rule = GRADIENTS[node.opType];
  if (rule === undefined || node.output.length !== 1) return "with several results";
  try {
    for (const value of [...inputs.filter((name) => name !== ""), output]) dims(value);
  } catch {
    return UNSIZED;
  }
  return rule(backward);
}

function cannot(model: string, { opType }: NodeProto, why: string): CannotTrainError {
  return new CannotTrainError(
    `${model} cannot be trained end to end: it has the operator ${opType}, ${why}. Train a head instead, or train from a later stage on.`,
  );
}

/** All values that a value is computed from, itself among them. */
function ancestors(nodes: readonly NodeProto[], value: string): ReadonlySet<string> {
  const found = new Set([value]);
  for (const { input, output } of nodes.toReversed()) {
    if (output.some((name) => found.has(name))) for (const name of input) found.add(name);
  }
  return found;
}

/** All values that depend on a parameter, the parameters among them. */
function dependents(nodes: readonly NodeProto[], parameters: ReadonlyMap<string, Dims>): ReadonlySet<string> {
  const found = new Set(parameters.keys());
  for (const node of nodes) {
    if (node.input.some((input) => found.has(input))) for (const output of node.output) found.add(output);
  }
  return found;
}
