import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { attributeOf } from "./graph.ts";
import { floatsOf, floatTensor, intsOf, intTensor } from "./tensors.ts";

/** From here on every operator of a head exists in a form that `retarget` can write, and Scan has today's form. */
const OLDEST = 9n;

/**
 * Brings a model of opset 7 or 8 to 9. Between them only two operators changed in a way that a network notices:
 * BatchNormalization lost `spatial` (whose default, 1, became the rule), Upsample takes `scales` as an input.
 */
export function liftOldOpset(model: ModelProto): void {
  const opset = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (opset === undefined || opset.version >= OLDEST) return;
  opset.version = OLDEST;
  for (const node of model.graph?.node ?? []) {
    const spatial = attributeOf(node, "spatial");
    if (node.opType === "BatchNormalization" && spatial?.i === 1n) drop(node, "spatial");
    const scales = attributeOf(node, "scales");
    if (node.opType === "Upsample" && scales !== undefined && node.input.length === 1) {
      const name = `${node.output[0]}/scales`;
      model.graph?.initializer.push(floatTensor(name, scales.floats));
      node.input.push(name);
      drop(node, "scales");
    }
  }
}

/** Reductions whose axes became an input with opset 18; ReduceSum's did with 13. */
const REDUCTIONS = /^Reduce(L1|L2|LogSum|LogSumExp|Max|Mean|Min|Prod|SumSquare)$/;

/**
 * Rewrites nodes of opset 17 for another opset: the head must speak the opset of the network that it is hung on. Only
 * what differs between opsets 9 and 26 in ways that a head can meet is rewritten.
 * @param nodes of the head; changed in place
 * @param constants of the head; axes that become an input are added
 */
export function retarget(nodes: readonly NodeProto[], constants: TensorProto[], opset: number): void {
  const values = new Map(constants.map((tensor) => [tensor.name, tensor]));
  for (const node of nodes) {
    const axes = attributeOf(node, "axes");
    if (opset >= 18 && axes !== undefined && REDUCTIONS.test(node.opType)) {
      const name = `${node.output[0]}/axes`;
      constants.push(intTensor(name, axes.ints.map(Number)));
      node.input.push(name);
      drop(node, "axes");
    }
    if (opset < 13 && /^(ReduceSum|Squeeze|Unsqueeze)$/.test(node.opType)) inputsToInts(node, ["axes"], values);
    if (opset < 11 && node.opType === "Clip") inputsToFloats(node, ["min", "max"], values);
    if (opset < 10 && node.opType === "Slice") inputsToInts(node, ["starts", "ends", "axes"], values);
  }
}

function inputsToInts(node: NodeProto, names: readonly string[], values: ReadonlyMap<string, TensorProto>): void {
  for (const [i, name] of names.entries()) {
    const tensor = values.get(node.input[i + 1] ?? "");
    const ints = tensor === undefined ? undefined : intsOf(tensor);
    if (ints === undefined) continue;
    const type = AttributeProto_AttributeType.INTS;
    node.attribute.push(create(AttributeProtoSchema, { name, type, ints: ints.map(BigInt) }));
  }
  node.input.splice(1);
}

function inputsToFloats(node: NodeProto, names: readonly string[], values: ReadonlyMap<string, TensorProto>): void {
  for (const [i, name] of names.entries()) {
    const tensor = values.get(node.input[i + 1] ?? "");
    const f = tensor === undefined ? undefined : floatsOf(tensor)?.[0];
    if (f === undefined) continue;
    node.attribute.push(create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f }));
  }
  node.input.splice(1);
}

function drop(node: NodeProto, name: string): void {
  node.attribute = node.attribute.filter((attribute) => attribute.name !== name);
}
