import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../../model/index.ts";
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
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const added = new GraphBuilder("statistics", "statistics_");
  for (const conv of convs) addStatistics(added, conv, conv.node.output[0]!);
  const { nodes, initializers, outputs } = added.parts();
  graph.node.push(...nodes);
  graph.initializer.push(...initializers);
  graph.output = [...outputs];
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), options);
  const results = await session.run({ image });
  await session.release();
  return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}
