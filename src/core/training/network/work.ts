import { GraphView } from "../../onnx/index.ts";
import { sizeOf } from "../attributes.ts";
import { takeApart } from "./parts.ts";
import type { Network } from "./prepare.ts";

/** Multiplications for a single image. */
export interface Work {
  /** Of a pass through the network: each weight of a convolution is used once per position of its output. */
  readonly forward: number;
  /**
   * Of its gradients, as many again for each of the two that a convolution can have: of its weights, where they are
   * trained, and of its input, where something that is trained lies before it.
   */
  readonly backward: number;
}

/** Counts what the backbone's convolutions multiply. @param trained constants, by name */
export function workOf(
  { graph, shapes }: Pick<Network, "graph" | "shapes">,
  trained: ReadonlySet<string> = new Set(),
): Work {
  const view = new GraphView(graph);
  const convolutions = new Set(takeApart(graph).backboneConvs);
  // Constants that are trained, and values that depend on one.
  const learned = new Set(trained);
  let [forward, backward] = [0, 0];
  for (const node of graph.node) {
    const [x = "", weights = ""] = node.input;
    if (convolutions.has(node)) {
      const positions = sizeOf(shapes.get(node.output[0]!)?.slice(2) ?? []);
      const work = positions * sizeOf(view.dims(weights) ?? []);
      forward += work;
      backward += work * (Number(learned.has(weights)) + Number(learned.has(x)));
    }
    if (node.input.some((value) => learned.has(value))) for (const value of node.output) learned.add(value);
  }
  return { forward, backward };
}
