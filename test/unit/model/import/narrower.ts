/** Foreign networks in the narrower forms that exporters write. */

import { create } from "@bufbuild/protobuf";
import { setFloat16 } from "@petamoriken/float16";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from "onnx-buf";
import { changed } from "./networks.ts";

const { FLOAT, FLOAT16, INT8 } = TensorProto_DataType;

function floatsOf({ rawData, floatData }: TensorProto): Float32Array {
  return rawData.length === 0 ? Float32Array.from(floatData) : new Float32Array(Uint8Array.from(rawData).buffer);
}

function halve(tensor: TensorProto): void {
  if (tensor.dataType !== FLOAT) return;
  const values = floatsOf(tensor);
  const view = new DataView(new ArrayBuffer(2 * values.length));
  for (const [i, x] of values.entries()) setFloat16(view, 2 * i, x, true);
  tensor.dataType = FLOAT16;
  tensor.floatData = [];
  tensor.rawData = new Uint8Array(view.buffer);
}

/** The whole network in float16, its input and outputs too. */
export function inFloat16(bytes: Uint8Array): Uint8Array {
  return changed(bytes, ({ graph }) => {
    for (const tensor of graph!.initializer) halve(tensor);
    for (const node of graph!.node) {
      for (const attribute of node.attribute) {
        if (attribute.t !== undefined) halve(attribute.t);
        if (node.opType === "Cast" && attribute.name === "to" && attribute.i === 1n) attribute.i = BigInt(FLOAT16);
      }
    }
    for (const { type } of [...graph!.input, ...graph!.output]) {
      if (type?.value.case === "tensorType" && type.value.value.elemType === FLOAT) type.value.value.elemType = FLOAT16;
    }
    graph!.valueInfo = [];
  });
}

/** Products with constants in int8, of what is quantised by the range that the batch has. */
export function dynamicallyQuantised(bytes: Uint8Array): Uint8Array {
  return changed(bytes, ({ graph }) => {
    const weights = new Map(graph!.initializer.map((tensor) => [tensor.name, tensor]));
    graph!.node = graph!.node.flatMap((node) => {
      const tensor = node.opType === "MatMul" ? weights.get(node.input[1] ?? "") : undefined;
      return tensor === undefined ? [node] : quantisedProduct(graph!, node, tensor);
    });
    const read = new Set(graph!.node.flatMap(({ input }) => input));
    graph!.initializer = graph!.initializer.filter(({ name }) => read.has(name));
  });
}

function quantisedProduct(graph: GraphProto, node: NodeProto, tensor: TensorProto): NodeProto[] {
  const values = floatsOf(tensor);
  const scale = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127;
  const name = (part: string) => `${node.output[0]}/${part}`;
  const step = (opType: string, input: string[], output: string[], attribute: NodeProto["attribute"] = []) =>
    create(NodeProtoSchema, { opType, name: output[0]!, input, output, attribute });
  graph.initializer.push(
    create(TensorProtoSchema, {
      name: name("weights"),
      dataType: INT8,
      dims: tensor.dims,
      rawData: new Uint8Array(Int8Array.from(values, (x) => Math.round(x / scale)).buffer),
    }),
    create(TensorProtoSchema, { name: name("scale"), dataType: FLOAT, dims: [], floatData: [scale] }),
  );
  const to = create(AttributeProtoSchema, { name: "to", type: AttributeProto_AttributeType.INT, i: BigInt(FLOAT) });
  const [q, s, zero] = [name("q"), name("s"), name("zero")];
  return [
    step("DynamicQuantizeLinear", [node.input[0]!], [q, s, zero]),
    step("MatMulInteger", [q, name("weights"), zero], [name("whole")]),
    step("Cast", [name("whole")], [name("cast")], [to]),
    step("Mul", [s, name("scale")], [name("both")]),
    step("Mul", [name("cast"), name("both")], [node.output[0]!]),
  ];
}
