/** Networks that hold up whoever runs them. */
import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import { body, changed, classify, SIDE } from "./networks.ts";

/** Puts a loop that never ends in the place of each Identity of a network. */
function looping(bytes: Uint8Array): Uint8Array {
  const { FLOAT, BOOL, INT64 } = TensorProto_DataType;
  return changed(bytes, ({ graph }) => {
    const main = graph!;
    main.initializer.push(
      create(TensorProtoSchema, { name: "often", dataType: INT64, int64Data: [2n ** 62n] }),
      create(TensorProtoSchema, { name: "yes", dataType: BOOL, int32Data: [1] }),
    );
    main.node = main.node.map((node) => (node.opType === "Identity" ? loop(node, { FLOAT, BOOL, INT64 }) : node));
  });
}

function loop({ input, output }: NodeProto, types: { FLOAT: number; BOOL: number; INT64: number }): NodeProto {
  const value = (name: string, elemType: number, isScalar: boolean) => {
    const shape = isScalar ? { shape: { dim: [] } } : {};
    const type = create(TypeProtoSchema, {
      value: { case: "tensorType", value: { elemType, ...shape } },
    } as never);
    return create(ValueInfoProtoSchema, { name, type });
  };
  const same = (from: string, to: string) =>
    create(NodeProtoSchema, { opType: "Identity", input: [from], output: [to] });
  const g = create(GraphProtoSchema, {
    name: "body",
    node: [same("go", "going"), same("value", "next")],
    input: [value("i", types.INT64, true), value("go", types.BOOL, true), value("value", types.FLOAT, false)],
    output: [value("going", types.BOOL, true), value("next", types.FLOAT, false)],
  });
  const attribute = create(AttributeProtoSchema, { name: "body", type: AttributeProto_AttributeType.GRAPH, g });
  return create(NodeProtoSchema, {
    opType: "Loop",
    input: ["often", "yes", ...input],
    output,
    attribute: [attribute],
  });
}

/** A network without input, whose output `y` never comes. */
export function endlessScalar(): Uint8Array {
  const graph = new GraphBuilder("endless");
  graph.output(graph.op("Identity", [graph.scalar(1)], {}, "y"), "float32", []);
  return looping(graph.encode());
}

/** A classifier that never comes to its map. */
export function endless(): Uint8Array {
  const graph = new GraphBuilder("endless");
  const inner = body(graph, graph.input("input", "float32", ["N", 3, SIDE, SIDE]), "inner");
  classify(graph, graph.op("Identity", [inner], {}, "map"));
  return looping(graph.encode());
}
