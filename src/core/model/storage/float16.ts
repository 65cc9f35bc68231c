import { Float16Array } from "@petamoriken/float16";
import { TensorProto_DataType } from "onnx-buf";
import { replaceConstants, storedNode, storedTensor } from "./replaceConstants.ts";

/** Greatest finite float16. */
const GREATEST = 65_504;

/**
 * Halves a model file: large float32 constants become float16 with a Cast behind each. The graph still computes in
 * float32; only the weights are rounded, by at most 2^-11 of their value.
 * @param file its name, for messages
 * @throws ModelError where the file is no model of ours
 */
export function toFloat16(bytes: Uint8Array, file: string): Uint8Array {
  return replaceConstants(
    bytes,
    file,
    (name, { values, dims }) => {
      if (!values.every((value) => Math.abs(value) <= GREATEST)) return undefined;
      const half = `${name}_float16`;
      return {
        tensors: [storedTensor(half, TensorProto_DataType.FLOAT16, new Float16Array(values), dims)],
        nodes: [storedNode("Cast", [half], name, { to: TensorProto_DataType.FLOAT })],
      };
    },
    (manifest) => ({ ...manifest, precision: "float16" }),
  );
}
