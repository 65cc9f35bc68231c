import type { BatchNorm, TrainingProvenance } from "../../../shared/index.ts";
import { compactModel } from "../../model/index.ts";
import { CLASSIFIER_WEIGHTS, classifierAtMeans, classifierParameters } from "../classifier.ts";
import { CannotTrainError } from "../errors.ts";
import { Parameters } from "../parameters.ts";
import { proxyParameters } from "../proxies.ts";
import type { LossOptions } from "../trainingStep.ts";
import { firstNorms, type NormalisedConv } from "./batchNorm.ts";
import { lowRankParameters } from "./lowRank.ts";
import { ModelWriter } from "./modelWriter.ts";
import { descriptorOf, takeApart } from "./parts.ts";
import { type Network, type NetworkOptions, prepareNetwork } from "./prepare.ts";
import { chooseTrainable, type Trainable, type TrainableOptions, type Trained } from "./trainable.ts";
import { isTransformer } from "./transformer.ts";

export interface FullOptions extends NetworkOptions, TrainableOptions {
  /** Of the auxiliary classifier. */
  readonly classes: number;
  /** Images per batch. */
  readonly batch: number;
  readonly losses: LossOptions;
  /** Of the classifier's first weights. */
  readonly seed: number;
  /**
   * Float32 `[classes, channels]`: the mean of each class's first descriptors, which have norm 1. With heads the classifier
   * starts there; at random where absent, or where the FC stands behind another FC.
   */
  readonly means?: Float32Array | undefined;
  /**
   * `frozen`, the default: batch norm stays folded into the convolutions. `batch`: each trained convolution of the
   * backbone has a batch norm of its own with the statistics of the batch, as the authors trained, which is folded again
   * with its running statistics whenever the model embeds or is written.
   */
  readonly batchNorm?: BatchNorm;
}

/** A whole network in training, whoever takes the steps: what is trained, and the model that it is now. */
export interface FullNetwork {
  readonly network: Network;
  readonly trained: Trained;
  readonly norms: readonly NormalisedConv[];
  /** First biases of the convolutions that have a batch norm, by name. */
  readonly biases: ReadonlyMap<string, Float32Array>;
  readonly parameters: Parameters;
  /** The value that the classifier reads, `[N, C]`. */
  readonly descriptor: string;
  /** Where the classifier starts by the norm of the descriptors; undefined where that is at random. */
  readonly classifierStart: ((norm: number) => ReadonlyMap<string, Float32Array>) | undefined;
  /** The model as it is now, in float32. */
  encode(): Uint8Array;
  exponents(): Readonly<Record<string, number>>;
  toModel(name: string, training: TrainingProvenance): Uint8Array;
}

/**
 * @throws CannotTrainError where the options do not fit the model
 * @throws ModelError where the file is no model of ours
 */
export function openFullNetwork(options: FullOptions): FullNetwork {
  const { file, batch } = options;
  const network = prepareNetwork(options);
  const { graph, manifest } = network;
  const { constants, exponents, adapters } = chooseTrainable(network, file, options);
  const trained: Trained = { names: new Set(constants.keys()), exponents, adapters };
  const descriptor = descriptorOf(takeApart(graph), manifest.descriptors[0]!.name);
  const norms = options.batchNorm === "batch" ? normalisedConvs(network, trained, batch, file) : [];
  const biases = new Map(norms.map(({ bias }) => [bias, constants.get(bias)!.values]));
  const parameters = firstParameters(network, { constants, adapters }, norms, descriptor, options);
  const writer = new ModelWriter(network, trained, norms);
  const encode = () => writer.encode(parameters, manifest.name, manifest.training);
  return {
    network,
    trained,
    norms,
    biases,
    parameters,
    descriptor,
    classifierStart: classifierStart(options, parameters),
    encode,
    exponents: () => writer.exponents(parameters),
    toModel: (name, training) => compactModel(writer.encode(parameters, name, training), file),
  };
}

function firstParameters(
  { graph, shapes, manifest }: Network,
  { constants, adapters }: Pick<Trainable, "constants" | "adapters">,
  norms: readonly NormalisedConv[],
  descriptor: string,
  { file, losses, classes, seed }: FullOptions,
): Parameters {
  const channels = shapes.get(descriptor)?.[1];
  if (channels === undefined) {
    throw new CannotTrainError(`The first descriptor of ${file} (${graph.name}) was not found. Train a head.`);
  }
  // A batch norm takes a bias before it away again.
  const biases = new Set(norms.map(({ bias }) => bias));
  const first = firstNorms(norms, constants);
  return new Parameters(
    new Map([
      ...[...constants].filter(([name]) => !biases.has(name)),
      ...lowRankParameters(adapters, seed),
      ...first.parameters,
      ...classifierParameters(losses, channels, classes, seed),
      ...proxyParameters(
        losses,
        classes,
        manifest.descriptors.reduce((sum, { dim }) => sum + dim, 0),
        seed,
      ),
    ]),
    first.statistics,
  );
}

/** Where the classifier starts by the norm of the descriptors; undefined where that is at random. */
function classifierStart({ heads, means, losses, classes }: FullOptions, parameters: Parameters) {
  const head = heads?.[0];
  // A normalised classifier has neither bias nor the norm of the descriptors that this is about.
  if (losses.classification === "none" || losses.classification === "arcFace") return undefined;
  if (head === undefined || means === undefined) return undefined;
  const channels = head.weights.length / head.dim;
  const fits = means.length === classes * channels && parameters.of(CLASSIFIER_WEIGHTS).length === means.length;
  return fits ? (norm: number) => classifierAtMeans(head, means, norm) : undefined;
}

/** The trained convolutions of the backbone that work on maps; those of squeeze-and-excitation never had a batch norm. */
function normalisedConvs(
  { graph, shapes }: Network,
  { names }: Trained,
  batch: number,
  file: string,
): NormalisedConv[] {
  const parts = takeApart(graph);
  if (isTransformer(parts)) {
    throw new CannotTrainError(`${file} is a transformer, which has no batch norm. Leave it frozen.`);
  }
  return parts.backboneConvs.flatMap((node) => {
    const [, weights = "", bias = ""] = node.input;
    const [, channels = 0, height = 1, width = 1] = shapes.get(node.output[0]!) ?? [];
    if (!names.has(weights) || !names.has(bias) || height * width === 1) return [];
    return [{ node, weights, bias, out: [batch, channels, height, width] }];
  });
}
