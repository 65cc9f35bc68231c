import type { NodeProto } from "onnx-buf";
import { ModelError, NothingToTakeError } from "../errors.ts";
import { type ForeignGraph, nodesFor, subgraphs, valuesBefore, valuesFrom } from "./graph.ts";
import type { Grid } from "./grids.ts";
import type { SizedInput } from "./imageInput.ts";
import type { ProvenGrid } from "./probe.ts";
import type { FeatureMapInfo, Spatial, Values, VectorInfo } from "./values.ts";

interface Choice extends Values {
  readonly file: string;
  readonly graph: ForeignGraph;
  readonly input: SizedInput;
  /** See `probe`. */
  readonly prove: (tensor: string, grids: readonly Grid[]) => Promise<ProvenGrid | undefined>;
  /** Inputs beside the image. */
  readonly unused: readonly string[];
  /** What the user named. */
  readonly map: string | undefined;
  /** The patches before all that the network computes of them, where it has such. */
  readonly embedding: string | undefined;
}

interface Chosen {
  readonly chosen: FeatureMapInfo | VectorInfo;
  readonly notes: readonly string[];
}

/** A map with fewer is an image or a mask that the network draws. */
const MIN_CHANNELS = 4;

/**
 * The last map that nothing but pooling follows: of a convolutional network the one before global pooling, of a transformer
 * its tokens. What lies before an attention is never taken unasked. Without a map, the network's own vector; inner vectors
 * are never taken unasked: most of them are the gates of squeeze-excitations.
 * @throws ModelError naming what there is to choose from where nothing fits
 */
export async function choose(choice: Choice): Promise<Chosen> {
  if (choice.map !== undefined) return { chosen: await named(choice, choice.map), notes: [] };
  const { file, graph, maps, spatial, vectors, unused } = choice;
  if (graph.proto.output.length === 0) {
    const inputs = [choice.input.name, ...unused];
    throw new NothingToTakeError(
      `${file} wants ${inputs.length} inputs (${inputs.join(", ")}), and each of its outputs needs more than the image. ` +
        `Export the part that takes the image by itself. ${choices(choice)}`,
      some(choice),
    );
  }
  const place = new Map(graph.nodes.flatMap(({ output }, i) => output.map((name) => [name, i] as const)));
  const before = beforeAttention(choice);
  const map = maps.filter(({ channels }) => channels >= MIN_CHANNELS).find(({ tensor }) => !before(tensor));
  const after = (tensor: string) => map === undefined || place.get(tensor)! > place.get(map.tensor)!;
  const tokens = spatial.filter(
    ({ tensor, main, grids, dims }) => main && after(tensor) && !before(tensor) && (grids.length > 0 || isRow(dims)),
  );
  const [last] = tokens.filter(({ grids }) => grids.length > 0);
  if (last !== undefined) {
    const proven = await choice.prove(last.tensor, last.grids);
    if (proven !== undefined) return { chosen: mapOf(last, proven), notes: [] };
  }
  const own = ownVector(choice);
  // Where tokens cannot be laid out, a map before them will do, but not the bare patches.
  const bare = map === undefined || isEmbedding(choice, map.tensor);
  const unclear = bare ? (last ?? tokens[0]) : undefined;
  if (unclear === undefined && map !== undefined) return { chosen: map, notes: [] };
  if (own !== undefined) return { chosen: own, notes: unclear === undefined ? [] : [unlaid(unclear)] };
  if (unclear === undefined && maps.length === 0 && vectors.length === 0) {
    throw new ModelError(
      `${file} has neither a feature map (a 4-D value of more than 1 x 1, or patch tokens) nor a vector per image. ` +
        "Export a classifier or an embedding network.",
    );
  }
  const why = unclear === undefined ? "all its feature maps lie before its attention" : unlaid(unclear);
  throw new NothingToTakeError(`${file} has no feature map to take unasked: ${why}. ${choices(choice)}`, some(choice));
}

function isRow(dims: readonly number[]): boolean {
  return dims.length === 3 && dims[1]! >= 4;
}

function unlaid({ tensor, dims, grids }: Spatial): string {
  const shape = `"${tensor}" [${dims.slice(1).join(", ")}]`;
  return grids.length === 0
    ? `no grid of patches explains the tokens of ${shape}`
    : `the tokens of ${shape} do not lie in rows of patches as the picture does`;
}

/** What there is to name: tokens were looked at already. */
function choices(values: Values): string {
  const named = some(values);
  if (named.length === 0) return "It has nothing else: export an embedding network.";
  return `Name what to take with --map: ${named.join(", ")}. List all with --list.`;
}

function some({ maps, vectors }: Values): string[] {
  const large = maps.filter(({ channels }) => channels >= MIN_CHANNELS);
  return [...large.slice(0, 3), ...vectors.slice(0, 2)].map(({ tensor }) => tensor);
}

function mapOf({ tensor, op, type }: Spatial, grid: ProvenGrid): FeatureMapInfo {
  return { tensor, op, type, ...grid };
}

async function named(choice: Choice, tensor: string): Promise<FeatureMapInfo | VectorInfo> {
  const { file, maps, spatial, vectors } = choice;
  const known = maps.find((map) => map.tensor === tensor) ?? vectors.find((vector) => vector.tensor === tensor);
  if (known !== undefined) return known;
  const tokens = spatial.find((value) => value.tensor === tensor);
  if (tokens === undefined) {
    const some = [...maps, ...vectors].slice(0, 5).map((value) => value.tensor);
    throw new ModelError(
      `${file} has no feature map and no vector "${tensor}". It has, from the last one: ${some.join(", ")}. ` +
        "List all with --list.",
    );
  }
  const proven = tokens.grids.length === 0 ? undefined : await choice.prove(tensor, tokens.grids);
  if (proven !== undefined) return mapOf(tokens, proven);
  throw new ModelError(`${file} cannot be taken at "${tensor}": ${unlaid(tokens)}. ${choices(choice)}`);
}

/** Whether a map is the network's patches, with a norm or an activation at most. */
function isEmbedding({ graph, embedding }: Choice, tensor: string): boolean {
  if (embedding === undefined) return false;
  const made = nodesFor(graph, tensor).filter(({ output }) => !output.includes(embedding));
  return (
    valuesFrom(graph, embedding).has(tensor) && !made.some(({ opType }) => /^(Conv|MatMul|Gemm|\w*Pool)$/.test(opType))
  );
}

const PRODUCTS = /^(MatMul|FusedMatMul|Einsum|MatMulInteger|QLinearMatMul)$/;

function factors({ opType, input }: NodeProto): string[] {
  if (opType === "Einsum") return input;
  return [input[0] ?? "", input[opType === "QLinearMatMul" ? 3 : 1] ?? ""];
}

/** Tells whether an attention follows a value; one that asks for a single vector is a pooling. */
function beforeAttention({ graph, input, spatial }: Choice): (tensor: string) => boolean {
  const dependent = valuesFrom(graph, input.name);
  const rows = new Map(spatial.map(({ tensor, dims }) => [tensor, dims.at(-2)!]));
  const attention = graph.nodes.filter((node) => {
    const isProduct = PRODUCTS.test(node.opType) && factors(node).every((name) => dependent.has(name));
    const attends = isProduct || /Attention$/.test(node.opType) || hidesAttention(node);
    return attends && rows.get(node.output[0] ?? "") !== 1;
  });
  const before = valuesBefore(graph, attention);
  return (tensor) => before.has(tensor);
}

/** Whether a branch or a loop has an attention in it, which cannot be looked at from outside. */
function hidesAttention(node: NodeProto): boolean {
  const inner = subgraphs(node).flatMap((graph) => graph.node);
  return inner.some((each) => /(Softmax|Attention)$/.test(each.opType) || hidesAttention(each));
}

function ownVector({ graph, vectors }: Choice): VectorInfo | undefined {
  const own = vectors.find(({ tensor }) => graph.proto.output.some(({ name }) => name === tensor));
  return own === undefined ? undefined : (beforeClasses(graph, own, vectors) ?? own);
}

/** A softmax says which class; the vector that its last layer reads says more of the picture. */
function beforeClasses(graph: ForeignGraph, own: VectorInfo, vectors: readonly VectorInfo[]): VectorInfo | undefined {
  if (!/Softmax$/.test(own.op)) return undefined;
  let node: NodeProto | undefined = graph.producers.get(own.tensor);
  for (const _ of graph.nodes) {
    const reads: string | undefined = node?.input[0];
    if (reads === undefined || node === undefined) return undefined;
    if (/^(Gemm|MatMul)$/.test(node.opType)) return vectors.find(({ tensor }) => tensor === reads);
    node = graph.producers.get(reads);
  }
  return undefined;
}
