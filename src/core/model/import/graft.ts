import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { grafted, PREFIX } from "./grafted.ts";
import {
  attributeOf,
  type ForeignGraph,
  foreignGraph,
  namesRead,
  nodesFor,
  renameValues,
  valuesFrom,
} from "./graph.ts";
import { retarget } from "./opset.ts";
import type { ForeignModel } from "./readFile.ts";
import { intsOf, intTensor } from "./tensors.ts";

const EACH = "each/";

export interface Graft {
  readonly foreign: ForeignModel;
  /** The foreign network's input; the head makes a value named `grafted(input)`. */
  readonly input: string;
  /** The values that the head reads, as `grafted(output)`, and their shapes per image. */
  readonly outputs: readonly GraftedValue[];
  /** Whether the network is run on one image at a time, inside the graph, because it takes no batches. */
  readonly oneByOne: boolean;
  /** Shape of the network's input, per image. */
  readonly inputDims: readonly number[];
}

export interface GraftedValue {
  readonly tensor: string;
  readonly dims: readonly number[];
}

/**
 * Puts a foreign network into the gap that a head was written around: of the network what the outputs need, nothing else.
 * @param head a model of ours whose graph reads `grafted(output)` of each, which nothing in it makes
 * @returns the whole model
 */
export function graft(head: Uint8Array, { foreign, input, outputs, oneByOne, inputDims }: Graft): Uint8Array {
  const model = fromBinary(ModelProtoSchema, head);
  const own = model.graph!;
  const graph = foreignGraph(foreign.model.graph);
  const wanted = new Set(outputs.flatMap(({ tensor }) => nodesFor(graph, tensor)));
  const needed = graph.nodes.filter((node) => wanted.has(node));
  const read = new Set(needed.flatMap(namesRead));
  const initializers = graph.proto.initializer.filter(({ name }) => read.has(name));
  const sparse = graph.proto.sparseInitializer.filter(({ values }) => read.has(values?.name ?? ""));

  // Inside a Scan the names must differ from those around it.
  const prefix = oneByOne ? EACH : PREFIX;
  const network = create(GraphProtoSchema, {
    name: "network",
    node: needed.map((node) => clone(NodeProtoSchema, node)),
    initializer: initializers.map((tensor) => withName(tensor, prefix + tensor.name)),
    sparseInitializer: sparse.map((tensor) => clone(SparseTensorProtoSchema, tensor)),
  });
  for (const node of network.node) {
    renameValues(node, (name) => prefix + name);
    node.name = node.name === "" ? "" : prefix + node.name;
  }
  for (const { values } of network.sparseInitializer) values!.name = prefix + values!.name;
  retarget(own.node, own.initializer, foreign.opset);

  let inserted: NodeProto[];
  if (oneByOne) {
    inserted = [scan(network, input, inputDims, outputs)];
  } else {
    freeBatch(network, prefix + input);
    inserted = network.node;
  }
  own.initializer.push(...network.initializer);
  own.sparseInitializer.push(...network.sparseInitializer);
  const gap = own.node.findIndex((node) => node.output.includes(grafted(input))) + 1;
  own.node.splice(gap, 0, ...inserted);
  // Shapes that were rewritten are read no more, and the runtime would warn of them at each start.
  const stillRead = new Set([...own.node.flatMap(namesRead), ...own.output.map(({ name }) => name)]);
  own.node = own.node.filter(
    ({ opType, output }) => opType !== "Constant" || output.some((name) => stillRead.has(name)),
  );
  own.initializer = own.initializer.filter(({ name }) => stillRead.has(name));

  model.opsetImport = foreign.model.opsetImport;
  model.functions = foreign.model.functions;
  if (foreign.model.irVersion > model.irVersion) model.irVersion = foreign.model.irVersion;
  return toBinary(ModelProtoSchema, model);
}

/** The same tensor under another name. The values are shared, not copied: they may be gigabytes. */
function withName(tensor: TensorProto, name: string): TensorProto {
  const { dataType, dims, rawData, floatData, int32Data, int64Data, uint64Data, doubleData, stringData } = tensor;
  const values = { floatData, int32Data, int64Data, uint64Data, doubleData, stringData };
  return create(TensorProtoSchema, { name, dataType, dims, ...(rawData.length > 0 ? { rawData } : values) });
}

/**
 * Networks exported for one image have shapes such as [1, -1] built in, and one class token. A leading 1 of a Reshape
 * becomes 0, "as it comes in"; constants that are put beside what comes from the image are repeated for each image. Where
 * that is wrong the outputs of a batch differ from those of single images, and the check sees it.
 */
function freeBatch(network: GraphProto, input: string): void {
  const graph = foreignGraph(network);
  const dependent = valuesFrom(graph, input);
  const freed: NodeProto[] = [];
  for (const node of network.node) {
    if (node.opType === "Reshape") freeReshape(network, node, graph.constants);
    if (node.opType === "Concat") freed.push(...freeConcat(network, node, graph, dependent));
    freed.push(node);
  }
  network.node = freed;
}

type Constants = ReadonlyMap<string, TensorProto>;

function freeReshape(network: GraphProto, node: NodeProto, constants: Constants): void {
  const [data, shape] = node.input;
  if (data === undefined || shape === undefined || constants.has(data)) return;
  const tensor = constants.get(shape);
  const dims = tensor === undefined ? undefined : intsOf(tensor);
  if (dims?.[0] !== 1 || attributeOf(node, "allowzero")?.i === 1n) return;
  const name = `${node.output[0]}/shape`;
  network.initializer.push(intTensor(name, [0, ...dims.slice(1)]));
  node.input[1] = name;
}

/** @returns nodes to stand before the one given, whose inputs are changed */
function freeConcat(
  network: GraphProto,
  node: NodeProto,
  graph: ForeignGraph,
  dependent: ReadonlySet<string>,
): NodeProto[] {
  const other = node.input.find((name) => dependent.has(name));
  if (other === undefined || attributeOf(node, "axis")?.i === 0n) return [];
  const added: NodeProto[] = [];
  const step = (opType: string, inputs: readonly string[], output: string, attribute: AttributeProto[] = []) => {
    added.push(create(NodeProtoSchema, { opType, name: output, input: [...inputs], output: [output], attribute }));
    return output;
  };
  for (const [i, name] of node.input.entries()) {
    const dims = dependent.has(name) ? [] : repeatedOnce(graph, name);
    if (dims.length < 2 || dims[0] !== 1n) continue;
    const made = `${node.output[0]}/part_${i}`;
    network.initializer.push(intTensor(`${made}/zero`, [0]), intTensor(`${made}/ones`, Array(dims.length - 1).fill(1)));
    const images = step("Gather", [step("Shape", [other], `${made}/sizes`), `${made}/zero`], `${made}/images`);
    const axis = create(AttributeProtoSchema, { name: "axis", type: AttributeProto_AttributeType.INT, i: 0n });
    const shape = step("Concat", [images, `${made}/ones`], `${made}/shape`, [axis]);
    node.input[i] = step("Expand", [name, shape], made);
  }
  return added;
}

/** Sizes of a constant, also where it was repeated for as many images as the network was exported for. */
function repeatedOnce({ constants, producers }: ForeignGraph, name: string): readonly bigint[] {
  let value = name;
  for (let node = producers.get(value); !constants.has(value) && node !== undefined; node = producers.get(value)) {
    if (!/^(Expand|Identity|Cast|Tile)$/.test(node.opType)) return [];
    value = node.input[0] ?? "";
  }
  return constants.get(value)?.dims ?? [];
}

/** Wraps the network into a Scan over the images: N in, N results out, one at a time. In the body the batch is 1. */
function scan(
  network: GraphProto,
  input: string,
  inputDims: readonly number[],
  outputs: readonly GraftedValue[],
): NodeProto {
  const inputShape = intTensor("each_shape", [1, ...inputDims]);
  const results = outputs.map(({ tensor, dims }, i) => ({
    from: EACH + tensor,
    name: `each_result_${i}`,
    shape: intTensor(`result_shape_${i}`, dims),
  }));
  network.initializer.push(inputShape, ...results.map(({ shape }) => shape));
  const body = create(GraphProtoSchema, {
    name: "each",
    node: [
      reshape("each_image", inputShape.name, EACH + input),
      ...network.node,
      ...results.map(({ from, shape, name }) => reshape(from, shape.name, name)),
    ],
    input: [create(ValueInfoProtoSchema, { name: "each_image" })],
    output: results.map(({ name }) => create(ValueInfoProtoSchema, { name })),
  });
  const attribute = [
    create(AttributeProtoSchema, { name: "body", type: AttributeProto_AttributeType.GRAPH, g: body }),
    create(AttributeProtoSchema, { name: "num_scan_inputs", type: AttributeProto_AttributeType.INT, i: 1n }),
  ];
  return create(NodeProtoSchema, {
    opType: "Scan",
    name: "each_image",
    input: [grafted(input)],
    output: outputs.map(({ tensor }) => grafted(tensor)),
    attribute,
  });
}

function reshape(data: string, shape: string, output: string): NodeProto {
  return create(NodeProtoSchema, { opType: "Reshape", name: output, input: [data, shape], output: [output] });
}
