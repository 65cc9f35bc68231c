import { InferenceSession, Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { differentiate } from "../../../src/core/training/differentiate.ts";
import type { Case } from "./gradientDefinitions.ts";

/** Weighs the result of a graph with fixed random numbers, differentiates the sum, and runs the whole in onnxruntime. */
export async function gradientsOf(
  { inputs, build }: Pick<Case, "inputs" | "build">,
  values: readonly (readonly number[])[],
  weights: readonly number[],
) {
  const graph = new GraphBuilder("gradients");
  const names = inputs.map((dims, i) => graph.input(`x${i}`, "float32", dims));
  const flatResult = graph.op("Reshape", [build(graph, names), graph.ints([weights.length])], {}, "flat result");
  graph.output(flatResult, "float32", [weights.length]);
  const weighted = graph.op("Mul", [flatResult, graph.floats(Float32Array.from(weights), [weights.length])]);
  const loss = graph.op("ReduceSum", [weighted], { keepdims: 0 });
  const parameters = new Map(names.map((name, i) => [name, inputs[i]!]));
  const gradients = differentiate(graph, { loss, parameters, inputs: new Map(), model: "m.onnx" });
  const outputs = names.map((name, i) => {
    const output = graph.op("Identity", [gradients.get(name)!], {}, `d${i}`);
    graph.output(output, "float32", inputs[i]!);
    return output;
  });
  const session = await InferenceSession.create(graph.encode(), { intraOpNumThreads: 1 });
  const feeds = names.map(
    (name, i) => [name, new Tensor("float32", Float32Array.from(values[i]!), [...inputs[i]!])] as const,
  );
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  const of = (output: string) => ({ values: results[output]!.data as Float32Array, dims: results[output]!.dims });
  return { result: of(flatResult).values, gradients: outputs.map(of) };
}
