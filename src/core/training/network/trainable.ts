import type { NodeProto } from "onnx-buf";
import { stagesOf } from "../../model/index.ts";
import { type ConstantTensor, GraphView } from "../../onnx/index.ts";
import { CannotTrainError } from "../errors.ts";
import { fitsRank, type LowRank } from "./lowRank.ts";
import { type Parts, powerMeanOf, takeApart } from "./parts.ts";
import type { Network } from "./prepare.ts";
import { isTransformer, learnedOf, queriesAndValues, transformerStages } from "./transformer.ts";

export interface TrainableOptions {
  /** The first stage of the backbone that is trained; all of it where null. */
  readonly trainFrom: string | null;
  /** Whether the exponents of GeM and wGeM are trained. */
  readonly learnP: boolean;
  /**
   * Rank of the two small matrices that are trained beside those of queries and values, in place of the backbone's own weights;
   * null or absent where those are trained.
   */
  readonly loraRank?: number | null;
}

/** The exponent of a branch as the graph has it: p in one constant, 1 / p in another. */
export interface LearnedExponent {
  readonly branch: string;
  readonly p: string;
  readonly inverse: string;
}

/** The constants of a network that are trained. */
export interface Trainable {
  readonly constants: ReadonlyMap<string, ConstantTensor>;
  readonly exponents: readonly LearnedExponent[];
  readonly adapters: readonly LowRank[];
}

/** The same without the values that are trained. */
export interface Trained {
  readonly names: ReadonlySet<string>;
  readonly exponents: readonly LearnedExponent[];
  readonly adapters: readonly LowRank[];
}

/**
 * Chooses what is trained: weights and biases of the backbone from a stage on, and everything that is learned behind the
 * feature maps. Batch norm is folded into the convolutions, so its scale and shift go with them. Of a transformer also its
 * norms and positions; or, with a rank, small matrices beside those of queries and values alone.
 * @throws CannotTrainError for a stage that the backbone does not have, or small matrices that fit nowhere
 */
export function chooseTrainable({ graph, manifest }: Network, file: string, options: TrainableOptions): Trainable {
  const parts = takeApart(graph);
  const view = new GraphView(graph);
  const attends = isTransformer(parts);
  const nodes = attends
    ? transformerNodes(manifest.backbone.name, file, parts, options.trainFrom)
    : parts.backboneConvs.slice(firstConvolution(manifest.backbone.name, file, options.trainFrom));
  const rank = options.loraRank ?? null;
  const adapters = rank === null ? [] : adaptersOf(nodes, parts, view, file, rank);
  const own = (attends ? nodes.flatMap((node) => learnedOf(node, view)) : nodes.flatMap(weightsOf)).filter(
    // Exporters keep equal constants once: what a frozen part reads too stays as it is.
    (name) => view.consumers(name).every((node) => nodes.includes(node)),
  );
  const names = [...(rank === null ? own : []), ...parts.behind.flatMap((node) => learnedBehind(node, parts))];
  const exponents = options.learnP ? manifest.descriptors.flatMap(({ name }) => exponentsOf(name, parts)) : [];
  const constants = new Map(
    [...names, ...exponents.map(({ p }) => p)].flatMap((name) => {
      const tensor = view.floats(name);
      return tensor === undefined ? [] : [[name, tensor] as const];
    }),
  );
  return { constants, exponents, adapters };
}

function adaptersOf(nodes: readonly NodeProto[], parts: Parts, view: GraphView, file: string, rank: number): LowRank[] {
  const adapters = queriesAndValues(nodes, parts).flatMap((weights): LowRank[] => {
    const frozen = view.floats(weights);
    return frozen !== undefined && fitsRank(frozen, rank) ? [{ weights, frozen, rank }] : [];
  });
  if (adapters.length > 0) return adapters;
  throw new CannotTrainError(
    `${file} has no attention whose queries and values small matrices of rank ${rank} fit beside. Train its own weights, or choose a smaller rank.`,
  );
}

function transformerNodes(backbone: string, file: string, parts: Parts, trainFrom: string | null): NodeProto[] {
  const stages = transformerStages(parts);
  const first = trainFrom === null ? 0 : stages.findIndex(({ name }) => name === trainFrom);
  if (first >= 0) return stages.slice(first).flatMap(({ nodes }) => nodes);
  throw noStage(backbone, file, trainFrom ?? "", stages);
}

function firstConvolution(backbone: string, file: string, trainFrom: string | null): number {
  if (trainFrom === null) return 0;
  const stages = stagesOf(backbone);
  const first = stages.findIndex(({ name }) => name === trainFrom);
  if (first >= 0) return stages.slice(0, first).reduce((sum, { convolutions }) => sum + convolutions, 0);
  throw noStage(backbone, file, trainFrom, stages);
}

function noStage(
  backbone: string,
  file: string,
  trainFrom: string,
  stages: readonly { readonly name: string }[],
): CannotTrainError {
  const known =
    stages.length === 0
      ? "It can only be trained as a whole"
      : `Its stages: ${stages.map(({ name }) => name).join(", ")}`;
  return new CannotTrainError(`The backbone ${backbone} of ${file} has no stage "${trainFrom}". ${known}.`);
}

const weightsOf = ({ input }: NodeProto) => input.slice(1);

/** Weights and biases of FC (those of attention too) and of convolutions. */
function learnedBehind(node: NodeProto, { isConstant, producer }: Parts): string[] {
  const [first = "", second = ""] = node.input;
  if (node.opType === "Conv") return weightsOf(node);
  const fc = node.opType === "MatMul" || (node.opType === "Add" && producer(first)?.opType === "MatMul");
  return fc && isConstant(second) ? [second] : [];
}

function exponentsOf(branch: string, parts: Parts): LearnedExponent[] {
  const powers = powerMeanOf(parts, branch);
  return powers === undefined ? [] : [{ branch, p: powers.inner.input[1]!, inverse: powers.outer.input[1]! }];
}
