/** Attention that lies in functions, branches and other forms: what stands before it is not taken for a feature map. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { expect, test } from "vitest";
import { importModel, inspectModel } from "../../../../src/core/model/import/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import * as net from "./networks.ts";

const [DIM, PATCHES] = [8, 16];

/** Patches of 4 x 4, a block with an attention, and classes. The block's nodes have names that begin with "block". */
function network(end: (graph: GraphBuilder, tokens: string) => void = classes): ModelProto {
  const graph = new GraphBuilder("small");
  const image = graph.input("input", "float32", ["N", 3, net.SIDE, net.SIDE]);
  const kernel = graph.floats(net.numbers(DIM * 48, 4), [DIM, 3, 4, 4]);
  const patches = graph.op("Conv", [image, kernel], { kernel_shape: [4, 4], strides: [4, 4] }, "patches");
  const flat = graph.op("Reshape", [patches, graph.ints([0, DIM, PATCHES])]);
  const rows = graph.op("Transpose", [flat], { perm: [0, 2, 1] }, "rows");
  const keys = graph.op("Transpose", [rows], { perm: [0, 2, 1] }, "block/keys");
  const scores = graph.op("MatMul", [rows, keys], {}, "block/scores");
  const attention = graph.op("Softmax", [scores], { axis: 2 }, "block/attention");
  const mixed = graph.op("MatMul", [attention, rows], {}, "block/mixed");
  end(graph, graph.op("Add", [rows, mixed], {}, "tokens"));
  return fromBinary(ModelProtoSchema, graph.encode());
}

function classes(graph: GraphBuilder, tokens: string): void {
  const pooled = graph.op("ReduceMean", [tokens], { axes: [1], keepdims: 0 });
  const logits = graph.op("MatMul", [pooled, graph.floats(net.numbers(DIM * 5, 3), [DIM, 5])], {}, "logits");
  graph.output(logits, "float32", ["N", 5]);
}

const ofBlock = ({ output }: NodeProto) => output[0] === "tokens" || output[0]!.startsWith("block/");
const write = (model: ModelProto) => net.write(toBinary(ModelProtoSchema, model));
const opset = [{ domain: "", version: 17n }].map((given) => ({
  $typeName: "onnx.OperatorSetIdProto" as const,
  ...given,
}));

/** The block as a function that calls another for its weights, whose axis is an attribute of the call, with a default beside it. */
function asFunctions(model: ModelProto, calls = "attend"): ModelProto {
  const nodes = model.graph!.node;
  const softmax = nodes.find(({ opType }) => opType === "Softmax")!;
  const referring = (refAttrName: string) =>
    create(AttributeProtoSchema, { name: "axis", refAttrName, type: AttributeProto_AttributeType.INT });
  const call = (opType: string, input: string[], output: string[], attribute = [referring("along")]) =>
    create(NodeProtoSchema, { name: opType, opType, domain: "pkg", input, output, attribute });
  const inner = create(NodeProtoSchema, { ...softmax, input: ["x"], output: ["y"], attribute: [referring("along")] });
  const along = create(AttributeProtoSchema, { name: "along", i: 2n, type: AttributeProto_AttributeType.INT });
  const named = create(AttributeProtoSchema, { ...referring("along"), name: "along" });
  const body = nodes
    .filter(ofBlock)
    .map((node) => (node === softmax ? call(calls, softmax.input, softmax.output, [named]) : node));
  const domain = "pkg";
  model.functions = [
    create(FunctionProtoSchema, {
      name: "attend",
      domain,
      input: ["x"],
      output: ["y"],
      attributeProto: [along],
      node: [inner],
      opsetImport: opset,
    }),
    create(FunctionProtoSchema, {
      name: "block",
      domain,
      input: ["rows"],
      output: ["tokens"],
      attributeProto: [along],
      node: body,
      opsetImport: opset,
    }),
  ];
  model.graph!.node = nodes.flatMap((node) => {
    if (node.output[0] === "tokens") return [call("block", ["rows"], ["tokens"], [])];
    return ofBlock(node) ? [] : [node];
  });
  model.opsetImport.push({ ...model.opsetImport[0]!, domain, version: 1n });
  return model;
}

test("the tokens of a network whose block is a function are taken as of one that has it written out", async () => {
  const image = net.pictures(3);
  const results = [];
  for (const model of [network(), asFunctions(network())]) {
    const out = net.path();
    const { taken } = await importModel({ file: write(model), out });
    expect(taken).toMatchObject({ tensor: "tokens", layout: "tokens", height: 4, width: 4, others: 0 });
    results.push(await net.run(out, { image }));
  }
  expect(results[1]!["combined"]!.data).toEqual(results[0]!["combined"]!.data);
});

test("functions that call each other without end are refused", async () => {
  await net.expectRefused(write(asFunctions(network(), "block")), /functions that call each other without end/);
});

/** A network whose first call unfolds to functions in a row, each of which calls the next one so often. */
function unfolding(depth: number, calls: number, weight = 1): ModelProto {
  const model = network();
  const domain = "pkg";
  const same = (opType: string, own: string) =>
    create(NodeProtoSchema, { opType, domain: own, input: ["x"], output: ["y"] });
  const value = create(TensorProtoSchema, { name: "w", dataType: TensorProto_DataType.INT8, dims: [BigInt(weight)] });
  value.rawData = new Uint8Array(weight);
  const constant = create(AttributeProtoSchema, { name: "value", t: value, type: AttributeProto_AttributeType.TENSOR });
  const last = create(NodeProtoSchema, { opType: "Constant", output: ["w"], attribute: [constant] });
  model.functions = Array.from({ length: depth }, (_, i) =>
    create(FunctionProtoSchema, {
      name: `f${i}`,
      domain,
      input: ["x"],
      output: ["y"],
      node:
        i === depth - 1 ? [last, same("Identity", "")] : Array.from({ length: calls }, () => same(`f${i + 1}`, domain)),
      opsetImport: [...model.opsetImport, { ...model.opsetImport[0]!, domain, version: 1n }],
    }),
  );
  model.graph!.node.push(create(NodeProtoSchema, { opType: "f0", domain, input: ["tokens"], output: ["more"] }));
  model.opsetImport.push({ ...model.opsetImport[0]!, domain, version: 1n });
  return model;
}

test.each<[string, ModelProto, RegExp]>([
  ["2 to the 39th operators", unfolding(40, 2), /stand for more than 50000 operators or 2 GB/],
  ["40,000 copies of 100 kB", unfolding(2, 40_000, 100_000), /stand for more than 50000 operators or 2 GB/],
  ["5,000 calls inside each other", unfolding(5000, 1), /call each other without end/],
])("functions that stand for %s are refused before they are written out", async (_, model, reason) => {
  await net.expectRefused(write(model), reason);
});

test("an attention inside a branch is seen: the patches before it are not taken", async () => {
  const model = network();
  const { node } = model.graph!;
  const outputs = [create(ValueInfoProtoSchema, { name: "block/mixed" })];
  const then = create(GraphProtoSchema, {
    name: "then",
    node: node.filter(({ output }) => output[0]!.startsWith("block/")),
    output: outputs,
  });
  const other = create(GraphProtoSchema, {
    name: "else",
    node: [create(NodeProtoSchema, { opType: "Identity", input: ["rows"], output: ["other"] })],
    output: [create(ValueInfoProtoSchema, { name: "other" })],
  });
  const graphs = [
    ["then_branch", then],
    ["else_branch", other],
  ] as const;
  const attribute = graphs.map(([name, g]) =>
    create(AttributeProtoSchema, { name, g, type: AttributeProto_AttributeType.GRAPH }),
  );
  const condition = create(TensorProtoSchema, { name: "condition", dataType: 9, dims: [], rawData: Uint8Array.of(1) });
  model.graph!.initializer.push(condition);
  const branch = create(NodeProtoSchema, { opType: "If", input: ["condition"], output: ["mixed"], attribute });
  model.graph!.node = node.flatMap((each) => {
    if (each.output[0] === "tokens") return [branch, create(NodeProtoSchema, { ...each, input: ["rows", "mixed"] })];
    return ofBlock(each) ? [] : [each];
  });
  const { chosen } = await inspectModel(write(model));
  expect(chosen).toMatchObject({ tensor: "tokens", layout: "tokens" });
  // Without a sum there is nothing but the patches and what the branch gives.
  const bare = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model));
  for (const each of bare.graph!.node) each.input = each.input.map((name) => (name === "tokens" ? "mixed" : name));
  bare.graph!.node = bare.graph!.node.filter(({ output }) => output[0] !== "tokens");
  expect((await inspectModel(write(bare))).chosen).toMatchObject({ tensor: "logits" });
});

test("an output of channels, then tokens, tells of the tokens that it was turned from", async () => {
  const turned = network((graph, tokens) => {
    graph.output(graph.op("Transpose", [tokens], { perm: [0, 2, 1] }, "turned"), "float32", ["N", DIM, PATCHES]);
  });
  expect((await inspectModel(write(turned))).chosen).toMatchObject({
    tensor: "tokens",
    layout: "tokens",
    channels: DIM,
  });
});

test("a depth of the picture is no row of tokens, however well its sides would fit", async () => {
  const depth = network((graph, tokens) => {
    const map = graph.op("Reshape", [graph.op("Transpose", [tokens], { perm: [0, 2, 1] }), graph.ints([0, DIM, 4, 4])]);
    const maps = graph.op("Conv", [map, graph.floats(net.numbers(DIM * DIM, 5), [DIM, DIM, 1, 1])], {}, "maps");
    const one = graph.op("Conv", [maps, graph.floats(net.numbers(DIM, 6), [1, DIM, 1, 1])]);
    graph.output(graph.op("Squeeze", [one, graph.ints([1])], {}, "depth"), "float32", ["N", 4, 4]);
  });
  const { chosen, maps } = await inspectModel(write(depth));
  expect(chosen).toMatchObject({ tensor: "maps", layout: "NCHW" });
  expect(maps.map(({ tensor }) => tensor)).not.toContain("depth");
});
