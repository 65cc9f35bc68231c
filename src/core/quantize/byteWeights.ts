import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataType } from "onnx-buf";
import { replaceConstants, storedNode, storedTensor } from "../model/index.ts";
import { GraphView } from "../onnx/index.ts";
import { groupsOf } from "./rewrite.ts";
import { weightScales } from "./weightScales.ts";

/**
 * Halves a float model whose weights came in float16: a convolution's weights become bytes with a scale per channel, the same that its
 * int8 form has. The graph still computes in float32, with rounded weights.
 * @param file its name, for messages
 * @throws ModelError where the file is no model of ours
 */
export function withByteWeights(bytes: Uint8Array, file: string): Uint8Array {
  const view = new GraphView(fromBinary(ModelProtoSchema, bytes).graph!);
  return replaceConstants(bytes, file, (name, tensor) => {
    const [conv, ...others] = view.consumers(name);
    if (conv?.opType !== "Conv" || others.length > 0) return undefined;
    const { scale, values } = weightScales(tensor, undefined, 1, groupsOf(conv));
    const [stored, whole, factors] = [`${name}_int8`, `${name}_whole`, `${name}_scale`];
    const each = tensor.dims.map((n, axis) => (axis === 0 ? n : 1));
    return {
      tensors: [
        storedTensor(stored, TensorProto_DataType.INT8, values, tensor.dims),
        storedTensor(factors, TensorProto_DataType.FLOAT, scale, each),
      ],
      nodes: [
        storedNode("Cast", [stored], whole, { to: TensorProto_DataType.FLOAT }),
        storedNode("Mul", [whole, factors], name, {}),
      ],
    };
  });
}
