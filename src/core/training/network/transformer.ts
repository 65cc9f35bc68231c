import type { NodeProto } from "onnx-buf";
import type { GraphView } from "../../onnx/index.ts";
import type { Parts } from "./parts.ts";

/** A part of a transformer that is trained or frozen as a whole: what cuts the patches, or a block. */
export interface TransformerStage {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
}

/** Whether a backbone attends: of what it is made, and where its stages begin, is then read from its graph. */
export function isTransformer({ backbone }: Parts): boolean {
  return backbone.some(({ opType }) => opType === "Softmax");
}

/**
 * The stages of a transformer: `patches`, then `block_0`, `block_1` ..., each from the norm before its attention on; what
 * follows the last block belongs to it. What stands before the first convolution is preprocessing, and part of none.
 * @returns only `patches` where no norm stands before the attention
 */
export function transformerStages({ backbone }: Parts): readonly TransformerStage[] {
  const starts: number[] = [];
  let norm: number | undefined;
  for (const [i, { opType }] of backbone.entries()) {
    if (opType === "LayerNormalization") norm = i;
    if (opType !== "Softmax" || norm === undefined || norm === starts.at(-1)) continue;
    starts.push(norm);
  }
  const first = Math.max(
    0,
    backbone.findIndex(({ opType }) => opType === "Conv"),
  );
  return [first, ...starts].map((start, i) => ({
    name: i === 0 ? "patches" : `block_${i - 1}`,
    nodes: backbone.slice(start, starts[i]),
  }));
}

/**
 * The constants of a node that are learned: weights, biases, scales of norms, positions. Numbers that stand alone (a factor of
 * the activation) and factors (the tables of rotary positions) are no weights.
 */
export function learnedOf({ opType, input }: NodeProto, view: GraphView): string[] {
  const constants = (from: number) =>
    input
      .slice(from)
      .filter((name) => (view.floats(name)?.dims.length ?? 0) > 0 && view.floats(name)!.values.length > 1);
  switch (opType) {
    case "Conv":
    case "Gemm":
    case "LayerNormalization":
      return constants(1);
    case "MatMul":
    case "Add":
      return constants(0);
    default:
      return [];
  }
}

/**
 * The matrices that make queries and values, in the order of the blocks: those that LoRA is put beside. Where one matrix makes
 * queries, keys and values together it is named once.
 */
export function queriesAndValues(nodes: readonly NodeProto[], { producer, isConstant }: Parts): string[] {
  const weightsBehind = (value: string): string[] => {
    for (let node = producer(value); node !== undefined; node = producer(computed(node, producer))) {
      const weights = node.opType === "MatMul" || node.opType === "Gemm" ? node.input[1] : undefined;
      if (weights !== undefined && isConstant(weights)) return [weights];
    }
    return [];
  };
  const found = nodes
    .filter(({ opType }) => opType === "Softmax")
    .flatMap((softmax) => {
      const mixed = nodes.find(({ opType, input }) => opType === "MatMul" && input[0] === softmax.output[0]);
      const scores = productBefore(softmax.input[0]!, producer);
      return [
        ...(scores === undefined ? [] : weightsBehind(scores.input[0]!)),
        ...weightsBehind(mixed?.input[1] ?? ""),
      ];
    });
  return [...new Set(found)];
}

/** The product of queries and keys: the softmax reads it, perhaps scaled or with a bias. */
function productBefore(value: string, producer: Parts["producer"]): NodeProto | undefined {
  let node = producer(value);
  while (node !== undefined && node.opType !== "MatMul") node = producer(computed(node, producer));
  return node;
}

/** The first input that is no constant: a bias may stand before what it is added to. */
function computed({ input }: NodeProto, producer: Parts["producer"]): string {
  return input.find((name) => producer(name) !== undefined) ?? "";
}
