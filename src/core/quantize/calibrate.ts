import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { InputSpec } from "../../shared/index.ts";
import type { QuantizationPlan } from "./plan.ts";

/** Least and greatest value of a tensor over all images. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

const REDUCTIONS = { min: "ReduceMin", max: "ReduceMax" } as const;

/**
 * Runs the float model and notes the range of every tensor that will be rounded.
 * @param images uint8 RGB, each `[height, width, 3]` of the model's input size
 * @returns by tensor name
 */
export async function calibrate(
  model: ModelProto & { graph: GraphProto },
  { tensors }: QuantizationPlan,
  { width, height }: InputSpec,
  images: AsyncIterable<Uint8Array>,
): Promise<Map<string, Range>> {
  const names = [...tensors.values()].filter(({ like }) => like === undefined).map(({ name }) => name);
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, withRanges(model, names)), {
    executionProviders: ["cpu"],
  });
  try {
    const ranges = new Map<string, Range>();
    for await (const pixels of images) {
      const outputs = await session.run({ image: new Tensor("uint8", pixels, [1, height, width, 3]) });
      const value = (name: string) => (outputs[name]!.data as Float32Array)[0]!;
      for (const name of names) {
        const { min, max } = ranges.get(name) ?? { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
        ranges.set(name, {
          min: Math.min(min, value(rangeOutput(name, "min"))),
          max: Math.max(max, value(rangeOutput(name, "max"))),
        });
      }
    }
    return ranges;
  } finally {
    await session.release();
  }
}

function rangeOutput(tensor: string, bound: keyof typeof REDUCTIONS): string {
  return `${tensor}:${bound}`;
}

/** The model with the bounds of each tensor as its only outputs: the tensors themselves would be many megabytes per image. */
function withRanges(model: ModelProto & { graph: GraphProto }, names: readonly string[]): ModelProto {
  const bounds = names.flatMap((name) => (["min", "max"] as const).map((bound) => ({ name, bound })));
  const nodes = bounds.map(({ name, bound }) =>
    create(NodeProtoSchema, {
      opType: REDUCTIONS[bound],
      name: rangeOutput(name, bound),
      input: [name],
      output: [rangeOutput(name, bound)],
      attribute: [{ name: "keepdims", type: AttributeProto_AttributeType.INT, i: 0n }],
    }),
  );
  const output = bounds.map(({ name, bound }) =>
    create(ValueInfoProtoSchema, {
      name: rangeOutput(name, bound),
      type: { value: { case: "tensorType", value: { elemType: TensorProto_DataType.FLOAT } } },
    }),
  );
  return { ...model, graph: { ...model.graph, node: [...model.graph.node, ...nodes], output } };
}
