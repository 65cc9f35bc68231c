import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from "onnx-buf";
import type { Range } from "./calibrate.ts";
import type { Activation, QuantizationPlan, QuantizedNode } from "./plan.ts";
import { activationScale, type Scale } from "./scales.ts";
import { weightScales } from "./weightScales.ts";

/**
 * Writes the QDQ form: each rounded tensor passes QuantizeLinear and DequantizeLinear, weights are int8 and biases int32
 * behind a DequantizeLinear. onnxruntime fuses such a group into one int8 operator; any other runtime computes the same
 * values in float.
 */
export function rewriteGraph(
  graph: GraphProto,
  plan: QuantizationPlan,
  ranges: ReadonlyMap<string, Range>,
): GraphProto {
  const constants: TensorProto[] = [];
  const nodes: NodeProto[] = [];
  const scales = new Map<string, Scale>();
  for (const { name, like } of plan.tensors.values()) scales.set(name, activationScale(ranges.get(like ?? name)!));
  const fused = new Map<NodeProto, NodeProto>();
  for (const { node, activation } of plan.nodes.values()) {
    const scale = scales.get((activation?.node ?? node).output[0]!)!;
    if (activation !== undefined && coversRange(activation, scale)) fused.set(activation.node, node);
  }
  const outputOf = new Map([...fused].map(([activation, node]) => [node, activation.output[0]!]));

  /** Name under which a rounded tensor is read; where others read the exact values, it has a name of its own. */
  const rounded = (name: string) => (plan.tensors.get(name)?.readers === "quantised" ? `${name}_rounded` : name);
  const exact = (name: string) => (plan.tensors.get(name)?.readers === "everyone" ? `${name}_exact` : name);

  function addRounding(name: string): void {
    const scale = scales.get(name);
    if (scale === undefined) return;
    const pair = [`${name}_scale`, `${name}_zero`] as const;
    constants.push(tensor(pair[0], Float32Array.of(scale.scale), []), tensor(pair[1], Uint8Array.of(scale.zero), []));
    nodes.push(op("QuantizeLinear", [exact(name), ...pair], `${name}_uint8`));
    nodes.push(op("DequantizeLinear", [`${name}_uint8`, ...pair], rounded(name)));
  }

  /** @returns the names of the weights and the bias, both per output channel */
  function addConstants({ node, weights, bias }: QuantizedNode): string[] {
    if (weights === undefined) return [];
    const prefix = `${node.output[0]}_weights`;
    const input = scales.get(node.input[0]!)!;
    const { scale, values, biasScale, biasValues } = weightScales(weights, bias, input.scale, groupsOf(node));
    const channels = scale.length;
    const zero = `${prefix}_zero`;
    constants.push(tensor(`${prefix}_int8`, values, weights.dims));
    constants.push(tensor(`${prefix}_scale`, scale, [channels]), tensor(zero, new Int8Array(channels), [channels]));
    nodes.push(op("DequantizeLinear", [`${prefix}_int8`, `${prefix}_scale`, zero], prefix, 0));
    if (biasValues === undefined) return [prefix];
    const biasName = `${node.output[0]}_bias`;
    constants.push(tensor(`${biasName}_int32`, biasValues, [channels]));
    constants.push(tensor(`${biasName}_scale`, biasScale, [channels]));
    constants.push(tensor(`${biasName}_zero`, new Int32Array(channels), [channels]));
    nodes.push(
      op(
        "DequantizeLinear",
        ["int32", "scale", "zero"].map((part) => `${biasName}_${part}`),
        biasName,
        0,
      ),
    );
    return [prefix, biasName];
  }

  for (const { name } of graph.input) addRounding(name);
  for (const node of graph.node) {
    if (fused.has(node)) continue;
    const quantized = plan.nodes.get(node.output[0]!);
    const input =
      quantized === undefined
        ? node.input
        : quantized.weights === undefined
          ? node.input.map(rounded)
          : [rounded(node.input[0]!), ...addConstants(quantized)];
    const output = node.output.map((name, i) => (i === 0 ? (outputOf.get(node) ?? name) : name));
    nodes.push(create(NodeProtoSchema, { ...node, input, output: output.map(exact) }));
    for (const name of output) addRounding(name);
  }
  const read = new Set(nodes.flatMap(({ input }) => input));
  const initializer = [...graph.initializer, ...constants].filter(({ name }) => read.has(name));
  return create(GraphProtoSchema, { ...graph, node: nodes, initializer, valueInfo: [] });
}

/** Whether rounding to uint8 already clips as the activation does. The bounds of a scale are exact to float32 only. */
function coversRange({ min, max }: Activation, { scale, zero }: Scale): boolean {
  const slack = scale / 1000;
  return -zero * scale >= min - slack && (255 - zero) * scale <= max + slack;
}

/** Of a convolution. */
export function groupsOf({ attribute }: NodeProto): number {
  return Number(attribute.find(({ name }) => name === "group")?.i ?? 1n);
}

function op(opType: string, input: readonly string[], output: string, axis?: number): NodeProto {
  const attribute =
    axis === undefined
      ? []
      : [create(AttributeProtoSchema, { name: "axis", type: AttributeProto_AttributeType.INT, i: BigInt(axis) })];
  return create(NodeProtoSchema, {
    opType,
    name: `${opType}:${output}`,
    input: [...input],
    output: [output],
    attribute,
  });
}

function tensor(
  name: string,
  values: Float32Array | Uint8Array | Int8Array | Int32Array,
  dims: readonly number[],
): TensorProto {
  const dataType =
    values instanceof Float32Array
      ? TensorProto_DataType.FLOAT
      : values instanceof Int32Array
        ? TensorProto_DataType.INT32
        : values instanceof Int8Array
          ? TensorProto_DataType.INT8
          : TensorProto_DataType.UINT8;
  const rawData = Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return create(TensorProtoSchema, { name, dataType, rawData, dims: dims.map(BigInt) });
}
