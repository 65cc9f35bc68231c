import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../../onnx/index.ts";
import { addStatistics, type NormalisedConv } from "./batchNorm.ts";

/**
 * Measures what the convolutions of a model give on a batch.
 * @param bytes the model
 * @returns mean and variance per channel, by the names of the batch norms' running statistics
 */
export async function measureStatistics(
  bytes: Uint8Array,
  convs: readonly NormalisedConv[],
  image: Tensor,
  options: InferenceSession.SessionOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  return measured(bytes, image, options, (graph) => {
    for (const conv of convs) addStatistics(graph, conv, conv.node.output[0]!);
  });
}

/** @returns mean L2 norm over a batch of a value `[N, C]` of a model's graph */
export async function measureNorm(
  bytes: Uint8Array,
  value: string,
  image: Tensor,
  options: InferenceSession.SessionOptions,
): Promise<number> {
  const results = await measured(bytes, image, options, (graph) => {
    graph.op("ReduceMean", [graph.op("ReduceL2", [value], { axes: [1], keepdims: 0 })], { keepdims: 0 }, NORM);
    graph.output(NORM, "float32", []);
  });
  return results.get(NORM)![0]!;
}

const NORM = "statistics:norm";

/** @param add adds what is measured, as outputs */
async function measured(
  bytes: Uint8Array,
  image: Tensor,
  options: InferenceSession.SessionOptions,
  add: (graph: GraphBuilder) => void,
): Promise<ReadonlyMap<string, Float32Array>> {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const added = new GraphBuilder("statistics", "statistics_");
  add(added);
  const { nodes, initializers, outputs } = added.parts();
  graph.node.push(...nodes);
  graph.initializer.push(...initializers);
  graph.output = [...outputs];
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), options);
  const results = await session.run({ image });
  await session.release();
  return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}
