import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto, ValueInfoProtoSchema } from "onnx-buf";
import { InferenceSession, type Tensor } from "onnxruntime-node";

/**
 * Floating-point operations of a run of an ONNX graph: two for each multiplication with addition of its convolutions and
 * matrix products. All else (activations, pooling, normalising) is left out, as is usual. Shapes are not derived from the
 * graph but looked at: every value that is needed becomes an output of the graph, which is then run once.
 */
export async function countFlops(bytes: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<number> {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph;
  if (graph === undefined) throw new Error("The file holds no graph.");
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of graph.initializer) shapes.set(name, dims.map(Number));
  for (const [name, { dims }] of Object.entries(feeds)) shapes.set(name, dims);

  const products = graph.node.filter(({ opType }) => ["Conv", "MatMul", "Gemm"].includes(opType));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const wanted = new Set(products.flatMap(({ input, output }) => [input[0]!, input[1]!, output[0]!]));
  for (const name of wanted) {
    if (!shapes.has(name) && !outputs.has(name)) graph.output.push(create(ValueInfoProtoSchema, { name }));
  }
  // Unchanged by optimisation, or nodes would be merged and the values between them gone.
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "disabled",
  });
  for (const [name, { dims }] of Object.entries(await session.run(feeds))) shapes.set(name, dims);
  await session.release();
  return products.reduce((sum, node) => sum + flopsOf(node, shapes), 0);
}

function flopsOf(
  { name, opType, input, output, attribute }: NodeProto,
  shapes: ReadonlyMap<string, readonly number[]>,
) {
  const shape = (value: string) => {
    const found = shapes.get(value);
    if (found === undefined) throw new Error(`The shape of ${value} (node ${name}) is not known.`);
    return found;
  };
  const results = product(shape(output[0]!));
  // Each element of the result is a sum of so many products. Conv: [out, in / groups, h, w].
  if (opType === "Conv") return 2 * results * product(shape(input[1]!).slice(1));
  const transposed = attribute.find((entry) => entry.name === "transA")?.i === 1n;
  return 2 * results * shape(input[0]!).at(transposed ? -2 : -1)!;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
