import type { GraphProto, NodeProto } from "onnx-buf";

/** A CGD model's graph, taken apart: backbone, and what stands behind it per branch. */
export interface Parts {
  /** What gives the feature maps, in the order of the graph. */
  readonly backbone: readonly NodeProto[];
  /** The convolutions among it. */
  readonly backboneConvs: readonly NodeProto[];
  /** Nodes behind the feature maps: descriptors, attention, FC, L2. */
  readonly behind: readonly NodeProto[];
  readonly producer: (value: string) => NodeProto | undefined;
  readonly isConstant: (value: string) => boolean;
}

/** @param names of the branches */
export function takeApart(graph: GraphProto): Parts {
  const producers = new Map(graph.node.flatMap((node) => node.output.map((output) => [output, node])));
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const producer = (value: string) => producers.get(value);
  const maps = graph.output
    .filter(({ name }) => /^features(_\d+)?$/.test(name))
    .map(({ name }) => producer(name)?.input[0] ?? name);
  const backbone = new Set<NodeProto>();
  const pending = [...maps];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const node = producer(value);
    if (node === undefined || backbone.has(node)) continue;
    backbone.add(node);
    pending.push(...node.input);
  }
  const before = graph.node.filter((node) => backbone.has(node));
  return {
    backbone: before,
    backboneConvs: before.filter(({ opType }) => opType === "Conv"),
    behind: graph.node.filter((node) => !backbone.has(node)),
    producer,
    isConstant: (value) => constants.has(value),
  };
}

/**
 * The descriptor of a branch: what its output was before FC and L2.
 * @param output of the branch
 * @returns name of the value `[N, C]`
 */
export function descriptorOf({ producer, isConstant }: Parts, output: string): string {
  let value = output;
  for (;;) {
    const node = producer(value);
    const [first, second] = node?.input ?? [];
    if (first === undefined || second === undefined) return value;
    const fc = (node!.opType === "MatMul" || node!.opType === "Add") && isConstant(second);
    const l2 = node!.opType === "Div" && producer(producer(second)?.input[0] ?? "")?.opType === "ReduceL2";
    if (!fc && !l2) return value;
    value = first;
  }
}

/** The two powers of a power mean, x^p and mean^(1/p). */
export interface PowerMean {
  readonly inner: NodeProto;
  readonly outer: NodeProto;
}

/** The powers of a GeM or wGeM branch; undefined where it has none with constant exponents. */
export function powerMeanOf(parts: Parts, output: string): PowerMean | undefined {
  const outer = nearestPower(parts, descriptorOf(parts, output));
  const inner = outer && nearestPower(parts, outer.input[0]!);
  return outer && inner && { outer, inner };
}

/** The first power on the way back along first inputs. */
function nearestPower({ producer, isConstant }: Parts, from: string): NodeProto | undefined {
  for (let node = producer(from); node !== undefined; node = producer(node.input[0] ?? "")) {
    if (node.opType === "Pow") return isConstant(node.input[1]!) ? node : undefined;
    if (node.opType === "Conv") return undefined;
  }
  return undefined;
}
