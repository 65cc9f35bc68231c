import { GraphView } from "../../model/index.ts";
import { sizeOf } from "../attributes.ts";
import { takeApart } from "./parts.ts";
import type { Network } from "./prepare.ts";

/** Multiplications of the backbone's convolutions for a single image: each weight is used once per position of the output. */
export function workOf({ graph, shapes }: Pick<Network, "graph" | "shapes">): number {
  const view = new GraphView(graph);
  return takeApart(graph).backboneConvs.reduce((sum, { input, output }) => {
    const positions = sizeOf(shapes.get(output[0]!)?.slice(2) ?? []);
    return sum + positions * sizeOf(view.dims(input[1]!) ?? []);
  }, 0);
}
