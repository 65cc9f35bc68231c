import type { GraphProto, NodeProto } from "onnx-buf";
import { ModelError } from "../model/index.ts";
import { type ConstantTensor, GraphView } from "../onnx/index.ts";

/** A node that will compute in int8. */
export interface QuantizedNode {
  /** Conv, Add or MaxPool. */
  readonly node: NodeProto;
  /** Relu or Clip that only this node feeds: quantising to its range does its work. */
  readonly activation?: Activation | undefined;
  /** A convolution's constants. */
  readonly weights?: ConstantTensor | undefined;
  readonly bias?: ConstantTensor | undefined;
}

export interface Activation {
  readonly node: NodeProto;
  readonly min: number;
  readonly max: number;
}

/** A tensor that will be rounded to uint8. */
export interface QuantizedTensor {
  readonly name: string;
  /**
   * `everyone`: the output of a quantised node; whoever reads it reads the rounded values. `quantised`: computed in
   * float; only quantised nodes read it rounded.
   */
  readonly readers: "everyone" | "quantised";
  /** Another tensor whose scale this one shares, so that a node between them only moves bytes. */
  readonly like?: string | undefined;
}

export interface QuantizationPlan {
  /** By the name of the node's first output. */
  readonly nodes: ReadonlyMap<string, QuantizedNode>;
  /** By name, in the order in which they are computed. */
  readonly tensors: ReadonlyMap<string, QuantizedTensor>;
}

/** Names of the outputs that hold the feature maps. */
const FEATURES = /^features(_\d+)?$/;

/**
 * Chooses what becomes int8: the backbone's convolutions with constant weights, and the additions and max poolings
 * between them. All else stays float32: descriptors, FC and L2 are cheap, and they are what the scores are made of.
 * @param file its name, for messages
 * @throws ModelError where there is no convolution, or a weight is no number
 */
export function planQuantization(graph: GraphProto, file: string): QuantizationPlan {
  const view = new GraphView(graph);
  const nodes = new Map<string, QuantizedNode>();
  const tensors = new Map<string, QuantizedTensor>();
  const isRounded = (name: string) => tensors.get(name)?.readers === "everyone";
  const quantize = (quantized: QuantizedNode, like?: string) => {
    nodes.set(quantized.node.output[0]!, quantized);
    const name = (quantized.activation?.node ?? quantized.node).output[0]!;
    tensors.set(name, { name, readers: "everyone", like });
  };

  for (const node of backboneNodes(graph)) {
    const [input, second, third] = node.input;
    if (node.domain !== "" || input === undefined) continue;
    if (node.opType === "Conv") {
      const weights = view.floats(second!);
      const bias = third === undefined || third === "" ? undefined : view.floats(third);
      if (weights === undefined || (third !== undefined && third !== "" && bias === undefined)) continue;
      if (!weights.values.every(Number.isFinite) || !(bias?.values.every(Number.isFinite) ?? true)) {
        throw new ModelError(`${file} has weights that are no numbers (at ${node.name}). Build or train it again.`);
      }
      if (!tensors.has(input)) tensors.set(input, { name: input, readers: "quantised" });
      quantize({ node, weights, bias, activation: fusedActivation(node, view) });
    } else if (node.opType === "Add" && isRounded(input) && isRounded(second!)) {
      quantize({ node, activation: fusedActivation(node, view) });
    } else if (node.opType === "MaxPool" && node.output.length === 1 && isRounded(input)) {
      quantize({ node }, tensors.get(input)!.like ?? input);
    }
  }
  if (![...nodes.values()].some(({ weights }) => weights !== undefined)) {
    throw new ModelError(
      `${file} has no convolution with constant weights, so there is nothing that int8 would make faster. ` +
        "Use the model as it is.",
    );
  }
  return { nodes, tensors };
}

/** The nodes that feature maps are computed from, in their order; all nodes where the model gives no feature map. */
function backboneNodes({ node: nodes, output }: GraphProto): readonly NodeProto[] {
  const needed = new Set(output.map(({ name }) => name).filter((name) => FEATURES.test(name)));
  if (needed.size === 0) return nodes;
  const backbone = nodes.toReversed().filter((node) => {
    const found = node.output.some((name) => needed.has(name));
    if (found) for (const name of node.input) needed.add(name);
    return found;
  });
  return backbone.reverse();
}

function fusedActivation({ output }: NodeProto, view: GraphView): Activation | undefined {
  const [node, ...others] = view.consumers(output[0]!);
  if (node === undefined || others.length > 0 || view.isOutput(output[0]!) || node.domain !== "") return undefined;
  if (node.opType === "Relu") return { node, min: 0, max: Number.POSITIVE_INFINITY };
  if (node.opType !== "Clip") return undefined;
  const bound = (name: string | undefined, absent: number) =>
    name === undefined || name === "" ? absent : view.floats(name)?.values[0];
  const min = bound(node.input[1], Number.NEGATIVE_INFINITY);
  const max = bound(node.input[2], Number.POSITIVE_INFINITY);
  return min === undefined || max === undefined ? undefined : { node, min, max };
}
