import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
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
import { attributeOf, foreignGraph, namesRead, nodesFor, subgraphs } from "./graph.ts";
import { retarget } from "./opset.ts";
import type { ForeignModel } from "./readFile.ts";
import { intsOf, intTensor } from "./tensors.ts";

/** Stands before every name of the foreign network, so that none meets a name of the head. */
const PREFIX = "net/";
const EACH = "each/";

/** How the head calls a value of the foreign network. */
export function grafted(name: string): string {
  return `${PREFIX}${name}`;
}

export interface Graft {
  readonly foreign: ForeignModel;
  /** The foreign network's input; the head makes a value named `grafted(input)`. */
  readonly input: string;
  /** The value that the head reads, as `grafted(output)`. */
  readonly output: string;
  /** Whether the network is run on one image at a time, inside the graph, because it takes no batches. */
  readonly oneByOne: boolean;
  /** Shapes of the network's input and of `output`, per image. */
  readonly inputDims: readonly number[];
  readonly outputDims: readonly number[];
}

/**
 * Puts a foreign network into the gap that a head was written around: of the network what `output` needs, nothing else.
 * @param head a model of ours whose graph reads `grafted(output)`, which nothing in it makes
 * @returns the whole model
 */
export function graft(
  head: Uint8Array,
  { foreign, input, output, oneByOne, inputDims, outputDims }: Graft,
): Uint8Array {
  const model = fromBinary(ModelProtoSchema, head);
  const own = model.graph!;
  const graph = foreignGraph(foreign.model.graph);
  const needed = nodesFor(graph, output);
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
  for (const node of network.node) rename(node, prefix);
  for (const { values } of network.sparseInitializer) values!.name = prefix + values!.name;
  retarget(own.node, own.initializer, foreign.opset);

  let inserted: NodeProto[];
  if (oneByOne) {
    inserted = [scan(network, input, output, inputDims, outputDims)];
  } else {
    freeBatch(network);
    inserted = network.node;
  }
  own.initializer.push(...network.initializer);
  own.sparseInitializer.push(...network.sparseInitializer);
  const gap = own.node.findIndex((node) => node.output.includes(grafted(input))) + 1;
  own.node.splice(gap, 0, ...inserted);
  // Shapes that were rewritten are read no more, and the runtime would warn of them at each start.
  const stillRead = new Set(own.node.flatMap(namesRead));
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

/** Renames all values in a node and in the graphs inside it. */
function rename(node: NodeProto, prefix: string): void {
  const renamed = (name: string) => (name === "" ? "" : prefix + name);
  node.input = node.input.map(renamed);
  node.output = node.output.map(renamed);
  node.name = renamed(node.name);
  for (const graph of subgraphs(node)) {
    for (const inner of graph.node) rename(inner, prefix);
    for (const value of [...graph.input, ...graph.output, ...graph.initializer]) value.name = renamed(value.name);
    for (const { values } of graph.sparseInitializer) if (values !== undefined) values.name = renamed(values.name);
    graph.valueInfo = [];
  }
}

/**
 * Networks exported for one image have shapes such as [1, -1] built in. A leading 1 of a Reshape becomes 0, "as it
 * comes in". Where that is wrong the outputs of a batch differ from those of single images, and the check sees it.
 */
function freeBatch(network: GraphProto): void {
  const graph = foreignGraph(network);
  for (const node of network.node) {
    const [data, shape] = node.input;
    if (node.opType !== "Reshape" || data === undefined || shape === undefined || graph.constants.has(data)) continue;
    const tensor = graph.constants.get(shape);
    const dims = tensor === undefined ? undefined : intsOf(tensor);
    if (dims?.[0] !== 1 || attributeOf(node, "allowzero")?.i === 1n) continue;
    const name = `${node.output[0]}/shape`;
    network.initializer.push(intTensor(name, [0, ...dims.slice(1)]));
    node.input[1] = name;
  }
}

/** Wraps the network into a Scan over the images: N in, N results out, one at a time. In the body the batch is 1. */
function scan(
  network: GraphProto,
  input: string,
  output: string,
  inputDims: readonly number[],
  outputDims: readonly number[],
): NodeProto {
  const [inputShape, outputShape] = [intTensor("each_shape", [1, ...inputDims]), intTensor("result_shape", outputDims)];
  network.initializer.push(inputShape, outputShape);
  const body = create(GraphProtoSchema, {
    name: "each",
    node: [
      reshape("each_image", inputShape.name, EACH + input),
      ...network.node,
      reshape(EACH + output, outputShape.name, "each_result"),
    ],
    input: [create(ValueInfoProtoSchema, { name: "each_image" })],
    output: [create(ValueInfoProtoSchema, { name: "each_result" })],
  });
  const attribute = [
    create(AttributeProtoSchema, { name: "body", type: AttributeProto_AttributeType.GRAPH, g: body }),
    create(AttributeProtoSchema, { name: "num_scan_inputs", type: AttributeProto_AttributeType.INT, i: 1n }),
  ];
  const [from, to] = [grafted(input), grafted(output)];
  return create(NodeProtoSchema, { opType: "Scan", name: "each_image", input: [from], output: [to], attribute });
}

function reshape(data: string, shape: string, output: string): NodeProto {
  return create(NodeProtoSchema, { opType: "Reshape", name: output, input: [data, shape], output: [output] });
}
