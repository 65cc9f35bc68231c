import type { GraphProto, NodeProto } from "onnx-buf";
import type { Branch } from "../../shared/index.ts";

/** A step from the pooled vector to the embedding; names are of constants in the graph. */
export type HeadStep =
  | { readonly kind: "l2" }
  /** y = x W + b, `weights` `[C, d]`, `bias` `[d]`. */
  | { readonly kind: "linear"; readonly weights: string; readonly bias: string | undefined };

/** Where a branch's values stand in the graph of a model. */
export interface BranchGraph {
  readonly branch: Branch;
  /** What is pooled, after attention, `[N, C, h, w]`. */
  readonly map: string;
  /** `[N, C]`. */
  readonly pooled: string;
  /** From the pooled vector to the embedding. */
  readonly steps: readonly HeadStep[];
  /** wGeM, CroW: weights of the positions, `[N, 1, h, w]`. */
  readonly spatial?: string;
  /** GeM, wGeM: constant 1/p, a scalar or `[1, C, 1, 1]`. */
  readonly inverse?: string;
}

/** A branch whose score cannot be shown as a map; the message says why. */
export class UnexplainedError extends Error {
  override readonly name = "UnexplainedError";
}

/** Looks up in a graph where values come from. */
export class Producers {
  readonly #nodes = new Map<string, NodeProto>();
  readonly #constants: Set<string>;

  constructor(graph: GraphProto) {
    this.#constants = new Set(graph.initializer.map(({ name }) => name));
    // Nodes are in the order of their use, as ONNX demands: what is constant is known when it is read.
    for (const node of graph.node) {
      for (const output of node.output) this.#nodes.set(output, node);
      const constant = node.input.every((name) => name === "" || this.#constants.has(name));
      if (constant) for (const output of node.output) this.#constants.add(output);
    }
  }

  isConstant(name: string): boolean {
    return this.#constants.has(name);
  }

  of(name: string): NodeProto | undefined {
    return this.#nodes.get(name);
  }

  /** The node of a value, which must be of a type. @throws UnexplainedError */
  expect(name: string | undefined, ...types: readonly string[]): NodeProto {
    const node = this.#nodes.get(name ?? "");
    if (node !== undefined && types.includes(node.opType)) return node;
    throw new UnexplainedError(
      `The model computes it in another way than Lookalike writes it (${node?.opType ?? "nothing"} where ${types.join(" or ")} is expected).`,
    );
  }
}

/** Finds the parts of a branch, from its output backwards. @throws UnexplainedError */
export function branchGraph(producers: Producers, branch: Branch): BranchGraph {
  const { steps, pooled } = headOf(producers, branch.name);
  return { branch, steps, pooled, ...pooling(producers, branch, pooled) };
}

/** Undoes L2 and linear maps until what is left is the pooled vector. */
function headOf(producers: Producers, output: string): Pick<BranchGraph, "steps" | "pooled"> {
  const steps: HeadStep[] = [];
  let name = output;
  let bias: string | undefined;
  for (;;) {
    const node = producers.of(name);
    const [first = "", second = ""] = node?.input ?? [];
    if (node?.opType === "Div" && isNormOf(producers, second, first)) steps.unshift({ kind: "l2" });
    else if (node?.opType === "Add" && producers.isConstant(second)) bias = second;
    else if (node?.opType === "MatMul" && producers.isConstant(second)) {
      steps.unshift({ kind: "linear", weights: second, bias });
      bias = undefined;
    } else if (node?.opType === "Gemm" && producers.isConstant(second) && isPlainGemm(node)) {
      steps.unshift({ kind: "linear", weights: second, bias: node.input[2] || bias });
    } else if (node?.opType !== "Identity") break;
    name = first;
  }
  if (bias !== undefined) throw new UnexplainedError("Its head adds a vector to something that is not a product.");
  return { steps, pooled: name };
}

function isNormOf(producers: Producers, name: string, vector: string): boolean {
  const max = producers.of(name);
  const norm = max?.opType === "Max" ? producers.of(max.input[0] ?? "") : undefined;
  return norm?.opType === "ReduceL2" && norm.input[0] === vector;
}

/** y = x W + b, nothing transposed or scaled. */
function isPlainGemm({ attribute }: NodeProto): boolean {
  return attribute.every(({ name, i, f }) => (name.startsWith("trans") ? i === 0n : f === 1));
}

type Pooling = Pick<BranchGraph, "map" | "spatial" | "inverse">;

function pooling(producers: Producers, { kind }: Branch, pooled: string): Pooling {
  switch (kind) {
    case "SPoC":
      return { map: below(producers, pooled, "GlobalAveragePool") };
    case "MAC":
      return { map: below(producers, pooled, "GlobalMaxPool") };
    case "GeM":
    case "wGeM": {
      // Of values of both signs: shifted by the minimum before, and back behind.
      const outer = producers.expect(producers.expect(pooled, "Flatten").input[0], "Mul", "Sub");
      const product = outer.opType === "Sub" ? producers.expect(outer.input[0], "Mul") : outer;
      const power = producers.expect(product.input[0], "Pow");
      const peak = producers.expect(product.input[1], "Max");
      const inverse = power.input[1]!;
      const positive = producers.expect(peak.input[0], "GlobalMaxPool").input[0]!;
      const map = outer.opType === "Sub" ? producers.expect(positive, "Add").input[0]! : positive;
      if (!producers.isConstant(inverse)) throw new UnexplainedError("Its exponent depends on the image.");
      if (kind === "GeM") return { map, inverse };
      const weighted = producers.expect(producers.expect(power.input[0], "ReduceSum").input[0], "Mul");
      return { map, inverse, spatial: weighted.input[1]! };
    }
    case "CroW": {
      const summed = producers.expect(producers.expect(pooled, "Mul").input[0], "ReduceSum");
      const [map, spatial] = producers.expect(summed.input[0], "Mul").input;
      return { map: map!, spatial: spatial! };
    }
    case "RMAC": {
      let node = producers.expect(pooled, "ReduceSum");
      while (node.opType !== "MaxPool") {
        node = producers.expect(node.input[0], "Div", "Concat", "Reshape", "Gather", "MaxPool");
      }
      return { map: node.input[0]! };
    }
    case "Vector":
      throw new UnexplainedError("The network gives a vector and not the feature map that it comes from.");
  }
}

function below(producers: Producers, pooled: string, pool: string): string {
  return producers.expect(producers.expect(pooled, "Flatten").input[0], pool).input[0]!;
}
