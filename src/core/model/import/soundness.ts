import { type GraphProto, type NodeProto, TensorProto_DataType } from "onnx-buf";
import { ModelError } from "../errors.ts";
import { subgraphs, tensorsOf } from "./graph.ts";
import type { ForeignModel } from "./readFile.ts";

/** More is no network but a damaged number; the runtime would try to allocate what it asks for. */
const MAX_ATTRIBUTE = 4096;

/** Attributes by which the runtime divides, or from which it computes sizes. */
const POSITIVE = new Set(["strides", "dilations", "kernel_shape", "group", "blocksize", "num_groups"]);
const SIZES = new Set([...POSITIVE, "pads", "output_padding", "output_shape"]);

/**
 * Refuses numbers on which the runtime, being native code, would end the process instead of reporting them.
 * @throws ModelError where the file is damaged
 */
export function soundness({ file, model }: ForeignModel): void {
  const damaged = (what: string) => new ModelError(`${file} is damaged: ${what}. Export or copy it again.`);
  for (const node of allNodes(model.graph)) {
    for (const { name, i, ints } of node.attribute) {
      if (!SIZES.has(name)) continue;
      const values = ints.length > 0 ? ints : [i];
      const lowest = POSITIVE.has(name) ? 1n : -BigInt(MAX_ATTRIBUTE);
      // Depthwise convolutions have as many groups as channels.
      const highest = BigInt(name === "group" ? 1 << 16 : MAX_ATTRIBUTE);
      if (values.some((value) => value < lowest || value > highest)) {
        throw damaged(`the ${name} of its ${node.opType} "${node.name}" is ${values.join(" x ")}`);
      }
    }
  }
  for (const tensor of tensorsOf(model.graph)) {
    const bits = BITS[tensor.dataType];
    const count = tensor.dims.reduce((product, dim) => product * dim, 1n);
    if (tensor.dims.some((dim) => dim < 0n)) throw damaged(`the weights "${tensor.name}" have a negative size`);
    if (tensor.rawData.length > 0 && bits !== undefined && (count * bits + 7n) / 8n !== BigInt(tensor.rawData.length)) {
      throw damaged(
        `the weights "${tensor.name}" have ${tensor.rawData.length} bytes for ${tensor.dims.join(" x ")} values`,
      );
    }
  }
}

/** Bits per element of the types that networks hold in `rawData`. */
const BITS: Readonly<Record<number, bigint>> = {
  [TensorProto_DataType.FLOAT]: 32n,
  [TensorProto_DataType.UINT8]: 8n,
  [TensorProto_DataType.INT8]: 8n,
  [TensorProto_DataType.INT32]: 32n,
  [TensorProto_DataType.INT64]: 64n,
  [TensorProto_DataType.FLOAT16]: 16n,
  [TensorProto_DataType.DOUBLE]: 64n,
  [TensorProto_DataType.BFLOAT16]: 16n,
  [TensorProto_DataType.BOOL]: 8n,
};

function* allNodes(graph: GraphProto): Generator<NodeProto> {
  for (const node of graph.node) {
    yield node;
    for (const inner of subgraphs(node)) yield* allNodes(inner);
  }
}
