import { create, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, GraphProtoSchema, type ModelProto, ModelProtoSchema, ValueInfoProtoSchema } from "onnx-buf";
import { InferenceSession } from "onnxruntime-node";
import { GraphBuilder } from "../onnx/index.ts";
import type { BranchGraph } from "./branchGraph.ts";

/** Names of what the graph of an explanation gives for a branch, for two images at once. */
export interface ExplainOutputs {
  /** `[2, d]`. */
  readonly embedding: string;
  /** `[2, C]`. */
  readonly pooled: string;
  /** `[2, C, h, w]`. */
  readonly map: string;
  /** `[2, 1, h, w]`. */
  readonly spatial: string | undefined;
  /** The vector of each position behind the linear part of the head, `[2, positions, d]`. */
  readonly local: string;
  /** Products of those of the first image with those of the second, `[1, positions, positions]`. */
  readonly products: string;
}

/** A model whose outputs are what explanations need. @param maps channels and positions of each branch's feature map */
export function explainGraph(
  model: ModelProto & { readonly graph: GraphProto },
  branches: readonly BranchGraph[],
): { readonly bytes: Uint8Array; readonly outputs: readonly ExplainOutputs[] } {
  const added = new GraphBuilder("explain", "explain_");
  const outputs = branches.map((each): ExplainOutputs => {
    let local = added.op("Transpose", [added.op("Reshape", [each.map, added.ints([0, 0, -1])])], { perm: [0, 2, 1] });
    // Scaling changes no direction, and a bias is the same everywhere: the products are what is left of the head.
    for (const step of each.steps) if (step.kind === "linear") local = added.op("MatMul", [local, step.weights]);
    const [first, second] = [0, 1].map((image) => added.op("Gather", [local, added.ints([image])], { axis: 0 }));
    const products = added.op("MatMul", [first!, added.op("Transpose", [second!], { perm: [0, 2, 1] })]);
    return {
      embedding: each.branch.name,
      pooled: each.pooled,
      map: each.map,
      spatial: each.spatial,
      local,
      products,
    };
  });
  const { nodes, initializers } = added.parts();
  const names = new Set(outputs.flatMap((each) => Object.values(each) as (string | undefined)[]));
  names.delete(undefined);
  const graph = create(GraphProtoSchema, {
    ...model.graph,
    node: [...model.graph.node, ...nodes],
    initializer: [...model.graph.initializer, ...initializers],
  });
  return { bytes: withOutputs(model, graph, [...names] as string[]), outputs };
}

/** Values of constants of a graph, whatever form they are stored in. */
export async function constantValues(
  model: ModelProto & { readonly graph: GraphProto },
  names: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  if (names.length === 0) return new Map();
  // A constant that is stored as it is would be input and output in one: each gets a name of its own.
  const added = new GraphBuilder("constants", "value_");
  const copies = names.map((name) => added.op("Identity", [name]));
  const node = [...model.graph.node, ...added.parts().nodes];
  const graph = create(GraphProtoSchema, { ...model.graph, node, input: [] });
  const session = await InferenceSession.create(withOutputs(model, graph, copies), { executionProviders: ["cpu"] });
  try {
    const values = await session.run({});
    return new Map(names.map((name, i) => [name, values[copies[i]!]!.data as Float32Array]));
  } finally {
    await session.release();
  }
}

/** A model of only what some values need. */
function withOutputs(model: ModelProto, graph: GraphProto, names: readonly string[]): Uint8Array {
  const used = new Set(names);
  const node = graph.node
    .toReversed()
    .filter(({ input, output }) => {
      if (!output.some((name) => used.has(name))) return false;
      for (const name of input) used.add(name);
      return true;
    })
    .reverse();
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      ...model,
      metadataProps: [],
      graph: create(GraphProtoSchema, {
        name: graph.name,
        input: graph.input,
        node,
        initializer: graph.initializer.filter(({ name }) => used.has(name)),
        // Without types: onnxruntime infers them.
        output: names.map((name) => create(ValueInfoProtoSchema, { name })),
      }),
    }),
  );
}
