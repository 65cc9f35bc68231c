import { GraphView } from "../../onnx/index.ts";
import { type Dims, sizeOf } from "../attributes.ts";
import { takeApart } from "./parts.ts";
import type { Network } from "./prepare.ts";

/** Multiplications for a single image. */
export interface Work {
  /** Of a pass through the network: each weight of a convolution is used once per position of its output. */
  readonly forward: number;
  /**
   * Of its gradients, as many again for each of the two that a convolution or a product can have: of its weights, where they
   * are trained, and of its input, where something that is trained lies before it.
   */
  readonly backward: number;
}

/** Counts what the backbone's convolutions and products multiply. @param trained constants, by name */
export function workOf(
  { graph, shapes }: Pick<Network, "graph" | "shapes">,
  trained: ReadonlySet<string> = new Set(),
): Work {
  const view = new GraphView(graph);
  const backbone = new Set(takeApart(graph).backbone);
  const dims = (name: string): Dims => shapes.get(name) ?? view.dims(name) ?? [];
  // Constants that are trained, and values that depend on one.
  const learned = new Set(trained);
  let [forward, backward] = [0, 0];
  for (const node of graph.node) {
    const [x = "", weights = ""] = node.input;
    if (backbone.has(node)) {
      const work = multiplications(node.opType, dims(node.output[0]!), dims(x), dims(weights));
      forward += work;
      backward += work * (Number(learned.has(weights)) + Number(learned.has(x)));
    }
    if (node.input.some((value) => learned.has(value))) for (const value of node.output) learned.add(value);
  }
  return { forward, backward };
}

/** Of a convolution, or of a product of matrices; others multiply next to nothing. */
function multiplications(opType: string, out: Dims, x: Dims, weights: Dims): number {
  if (opType === "Conv") return sizeOf(out.slice(2)) * sizeOf(weights);
  return opType === "MatMul" || opType === "Gemm" ? sizeOf(out) * (x.at(-1) ?? 0) : 0;
}
