import type { NodeProto } from "onnx-buf";
import type { Dims } from "../../attributes.ts";
import type { Writer } from "./writer.ts";

/** Writes a node in other operators. @returns false where it has to stay as it is */
export type Rewrite = (to: Writer, node: NodeProto, inputs: readonly string[]) => boolean;

/** Writes the one result of a node. */
export const result =
  (write: (to: Writer, node: NodeProto, inputs: readonly string[], output: string) => void): Rewrite =>
  (to, node, inputs) => {
    write(to, node, inputs, node.output[0]!);
    return true;
  };

export const floatOf = (node: NodeProto, name: string, fallback: number) =>
  node.attribute.find((attribute) => attribute.name === name)?.f ?? fallback;
export const fromFront = (axis: number, { length }: Dims) => (axis < 0 ? axis + length : axis);
export const given = (name: string | undefined): name is string => name !== undefined && name !== "";
