/** Networks that hold up whoever runs them. */
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import { looping } from "../../../fixtures/slowNetworks.ts";
import { body, classify, SIDE } from "./networks.ts";

/** A network without input, whose output `y` never comes. */
export function endlessScalar(): Uint8Array {
  const graph = new GraphBuilder("endless");
  graph.output(graph.op("Identity", [graph.scalar(1)], {}, "y"), "float32", []);
  return looping(graph.encode());
}

/** A classifier that never comes to its map. */
export function endless(): Uint8Array {
  const graph = new GraphBuilder("endless");
  const inner = body(graph, graph.input("input", "float32", ["N", 3, SIDE, SIDE]), "inner");
  classify(graph, graph.op("Identity", [inner], {}, "map"));
  return looping(graph.encode());
}
