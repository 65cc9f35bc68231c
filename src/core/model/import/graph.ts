import { create } from "@bufbuild/protobuf";
import { type AttributeProto, type GraphProto, GraphProtoSchema, type NodeProto, type TensorProto } from "onnx-buf";

/** Nodes that are looked at, inner graphs and functions included, and weights; large networks have some ten thousand. */
export const MOST_NODES = 50_000;

/** A foreign network as the import looks at it. */
export interface ForeignGraph {
  readonly proto: GraphProto;
  /** Each node after those it reads from; a file may hold them in any order. */
  readonly nodes: readonly NodeProto[];
  /** Which node makes a value. */
  readonly producers: ReadonlyMap<string, NodeProto>;
  /** Values that no input can change: initializers and Constant nodes with a tensor. */
  readonly constants: ReadonlyMap<string, TensorProto>;
}

/** Sorts and indexes a graph. A cycle's nodes are left in file order: the runtime refuses them with its own words. */
export function foreignGraph(proto: GraphProto): ForeignGraph {
  const producers = new Map<string, NodeProto>();
  for (const node of proto.node) for (const output of node.output) if (output !== "") producers.set(output, node);
  const constants = new Map(proto.initializer.map((tensor) => [tensor.name, tensor]));
  for (const node of proto.node) {
    const value = node.opType === "Constant" ? attributeOf(node, "value")?.t : undefined;
    if (value !== undefined && node.output[0] !== undefined) constants.set(node.output[0], value);
  }
  return { proto, nodes: sorted(proto.node, producers), producers, constants };
}

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** The graphs inside a node: branches of If, bodies of Loop and Scan. */
export function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));
}

/** How many nodes, or how many weights if these are more, a graph has with the graphs inside it; a node of many inputs counts for some. */
export function sizeOf(graph: GraphProto): number {
  const nodes = graph.node.reduce((sum, { input }) => sum + Math.max(1, input.length / 4), 0);
  const inner = graph.node.flatMap(subgraphs).map(sizeOf);
  return inner.reduce((sum, size) => sum + size, Math.max(nodes, graph.initializer.length));
}

/** Renames all values in a node and in the graphs inside it. @param to the new name; a value without one keeps none */
export function renameValues(node: NodeProto, to: (name: string) => string): void {
  const renamed = (name: string) => (name === "" ? "" : to(name));
  node.input = node.input.map(renamed);
  node.output = node.output.map(renamed);
  for (const graph of subgraphs(node)) {
    for (const inner of graph.node) renameValues(inner, to);
    for (const value of [...graph.input, ...graph.output, ...graph.initializer]) value.name = renamed(value.name);
    for (const { values } of graph.sparseInitializer) if (values !== undefined) values.name = renamed(values.name);
    graph.valueInfo = [];
  }
}

/** All names that a node reads, including what the graphs inside it may take from outside. */
export function namesRead(node: NodeProto): string[] {
  const inner = subgraphs(node).flatMap((graph) => [
    ...graph.node.flatMap(namesRead),
    ...graph.output.map(({ name }) => name),
  ]);
  return [...node.input, ...inner].filter((name) => name !== "");
}

/** The nodes that a value, or any of several, needs, in order. */
export function nodesFor(graph: ForeignGraph, names: string | Iterable<string>): NodeProto[] {
  const needed = new Set<NodeProto>();
  const open = typeof names === "string" ? [names] : [...names];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = graph.producers.get(next);
    if (node === undefined || needed.has(node)) continue;
    needed.add(node);
    for (const name of namesRead(node)) open.push(name);
  }
  return graph.nodes.filter((node) => needed.has(node));
}

/** All values that some of the nodes needs. */
export function valuesBefore(graph: ForeignGraph, nodes: readonly NodeProto[]): Set<string> {
  const read = new Set(nodes.flatMap(namesRead));
  for (const node of nodesFor(graph, read)) for (const name of namesRead(node)) read.add(name);
  return read;
}

/** All values that depend on `name`, itself included. */
export function valuesFrom(graph: ForeignGraph, name: string): Set<string> {
  const values = new Set([name]);
  for (const node of graph.nodes) {
    if (namesRead(node).some((read) => values.has(read))) for (const output of node.output) values.add(output);
  }
  values.delete("");
  return values;
}

const LAYER = /(Conv|MatMul|Gemm|Einsum|Attention|ConvInteger|MatMulInteger)$/;

/** How many layers with weights, at most, lie between `name` and each value that depends on it. */
export function layersBefore(graph: ForeignGraph, name: string): Map<string, number> {
  const layers = new Map([[name, 0]]);
  for (const node of graph.nodes) {
    const read = namesRead(node).flatMap((value) => layers.get(value) ?? []);
    if (read.length === 0) continue;
    // What is inside a branch or a loop is not counted: more than one, in all likelihood.
    const own = subgraphs(node).length > 0 ? 2 : LAYER.test(node.opType) ? 1 : 0;
    for (const output of node.output) layers.set(output, read.reduce((most, each) => Math.max(most, each)) + own);
  }
  return layers;
}

/**
 * The part of a graph that can be computed where `name` is the only input that is given. Outputs are those that are left.
 */
export function computableFrom(graph: ForeignGraph, name: string): ForeignGraph {
  const missing = new Set<string>();
  for (const input of graph.proto.input) {
    if (input.name !== name && !graph.constants.has(input.name)) missing.add(input.name);
  }
  if (missing.size === 0) return graph;
  const nodes = graph.nodes.filter((node) => {
    if (!namesRead(node).some((read) => missing.has(read))) return true;
    for (const output of node.output) missing.add(output);
    return false;
  });
  const output = graph.proto.output.filter((value) => !missing.has(value.name));
  const kept = new Set(nodes.flatMap((node) => node.output));
  const producers = new Map([...graph.producers].filter(([value]) => kept.has(value)));
  const proto = create(GraphProtoSchema, { ...graph.proto, node: [...nodes], output });
  return { proto, nodes, producers, constants: graph.constants };
}

/** Every tensor of a graph with values of its own: initializers and attributes, inner graphs included. */
export function* tensorsOf(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const { values, indices } of graph.sparseInitializer) {
    if (values !== undefined) yield values;
    if (indices !== undefined) yield indices;
  }
  for (const node of graph.node) yield* tensorsOfNode(node);
}

export function* tensorsOfNode(node: NodeProto): Generator<TensorProto> {
  for (const { t, tensors, sparseTensor } of node.attribute) {
    if (t !== undefined) yield t;
    yield* tensors;
    if (sparseTensor?.values !== undefined) yield sparseTensor.values;
    if (sparseTensor?.indices !== undefined) yield sparseTensor.indices;
  }
  for (const inner of subgraphs(node)) yield* tensorsOf(inner);
}

/** Depth first without recursion: networks of ten thousand nodes in a row exist. */
function sorted(nodes: readonly NodeProto[], producers: ReadonlyMap<string, NodeProto>): NodeProto[] {
  const result = new Set<NodeProto>();
  const entered = new Set<NodeProto>();
  for (const root of nodes) {
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const waiting = entered.has(node)
        ? []
        : namesRead(node).flatMap((name) => {
            const source = producers.get(name);
            return source === undefined || entered.has(source) ? [] : [source];
          });
      entered.add(node);
      // One by one: a file may have a node of a million inputs, which are no arguments of a call.
      for (const source of waiting) stack.push(source);
      if (waiting.length === 0) {
        result.add(node);
        stack.pop();
      }
    }
  }
  return [...result];
}
