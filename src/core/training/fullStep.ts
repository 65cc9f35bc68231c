import { InferenceSession, Tensor } from "onnxruntime-node";
import { type BatchNorm, COMBINED } from "../../shared/index.ts";
import { compactModel } from "../model/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { sessionOptions } from "../runtime/index.ts";
import type { Dims } from "./attributes.ts";
import { CLASSIFIER_WEIGHTS, classifierAtMeans, classifierOf, classifierParameters } from "./classifier.ts";
import { CannotTrainError } from "./errors.ts";
import { addLosses } from "./losses/index.ts";
import { calibrated, firstNorms, type NormalisedConv } from "./network/batchNorm.ts";
import { measureNorm, measureStatistics } from "./network/calibrate.ts";
import { adoptForward } from "./network/forward.ts";
import { lowRankParameters } from "./network/lowRank.ts";
import { ModelWriter } from "./network/modelWriter.ts";
import { descriptorOf, takeApart } from "./network/parts.ts";
import { type Network, type NetworkOptions, prepareNetwork } from "./network/prepare.ts";
import { chooseTrainable, type Trainable, type TrainableOptions, type Trained } from "./network/trainable.ts";
import { isTransformer } from "./network/transformer.ts";
import { Parameters } from "./parameters.ts";
import { proxiesOf, proxyParameters } from "./proxies.ts";
import type { Execution } from "./stepDevice.ts";
import { LABELS, StepSession } from "./stepSession.ts";
import type { LossOptions, PixelInput, TrainingStep } from "./trainingStep.ts";

export interface FullStepOptions extends NetworkOptions, TrainableOptions, Execution {
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

/** Images per run when embedding: the feature maps of more would only take memory. */
const EMBED_BATCH = 8;

/**
 * Trains a CGD model end to end (arXiv 1903.10663, section 3): backbone from a stage on, descriptors, FC. Ranking loss
 * on the combined embedding, classification loss on the first descriptor before its FC.
 * @throws CannotTrainError where the model has an operator that cannot be differentiated, or the options do not fit it
 * @throws ModelError where the file is no model of ours
 */
export async function openFullStep(options: FullStepOptions): Promise<TrainingStep<PixelInput>> {
  const { file, batch, losses } = options;
  const network = prepareNetwork(options);
  const { graph: base, manifest } = network;
  const { width, height } = manifest.input;
  const { constants, exponents, adapters } = chooseTrainable(network, file, options);
  const trained: Trained = { names: new Set(constants.keys()), exponents, adapters };
  const names = manifest.descriptors.map((branch) => branch.name);
  const descriptor = descriptorOf(takeApart(base), names[0]!);
  const norms = options.batchNorm === "batch" ? normalisedConvs(network, trained, batch, file) : [];
  const biases = new Map(norms.map(({ bias }) => [bias, constants.get(bias)!.values]));
  const parameters = firstParameters(network, { constants, adapters }, norms, descriptor, options);

  const image: Dims = [batch, height, width, 3];
  const graph = new GraphBuilder("full step", "step_");
  graph.input("image", "uint8", image);
  adoptForward(graph, network, trained, norms);
  addLosses(
    graph,
    losses,
    COMBINED,
    LABELS,
    batch,
    classifierOf(options, descriptor),
    proxiesOf(losses, options.classes),
  );
  const writer = new ModelWriter(network, trained, norms);
  const session = await StepSession.open(graph, parameters, new Map([["image", image]]), batch, file, options);
  const start = classifierStart(options, parameters);
  const execution = sessionOptions(session.device.used, { threads: options.threads, inPart: true });
  const encode = () => writer.encode(parameters, manifest.name, manifest.training);
  let embedder: InferenceSession | undefined;
  const forget = async () => {
    const stale = embedder;
    // First of all, so that whoever embeds meanwhile opens a new one.
    embedder = undefined;
    await stale?.release();
  };

  return {
    batch,
    device: session.device,
    async run(input, labels, learningRate) {
      await forget();
      const pixels = new Tensor("uint8", input, image);
      if (start !== undefined && parameters.steps === 0) {
        parameters.replace(start(await measureNorm(encode(), descriptor, pixels, execution)));
      }
      if (norms.length > 0 && parameters.steps === 0) {
        const measured = await measureStatistics(encode(), norms, pixels, execution);
        parameters.replace(calibrated(norms, measured, ({ bias }) => biases.get(bias)!));
      }
      return session.run({ image: pixels }, labels, learningRate);
    },
    async embed(input, n) {
      // With constant weights onnxruntime chooses faster kernels than the step has; they serve until the next step.
      embedder ??= await InferenceSession.create(encode(), execution);
      const rows = manifest.descriptors.map(({ dim }) => new Float32Array(n * dim));
      const size = height * width * 3;
      for (let start = 0; start < n; start += EMBED_BATCH) {
        const count = Math.min(EMBED_BATCH, n - start);
        const pixels = input.subarray(start * size, (start + count) * size);
        const results = await embedder.run({ image: new Tensor("uint8", pixels, [count, height, width, 3]) }, names);
        for (const [i, { name, dim }] of manifest.descriptors.entries()) {
          rows[i]!.set(results[name]!.data as Float32Array, start * dim);
        }
      }
      return rows;
    },
    state: () => parameters.state(),
    restore(state) {
      parameters.restore(state);
      void forget();
    },
    exponents: () => writer.exponents(parameters),
    toModel: (name, training) => compactModel(writer.encode(parameters, name, training), file),
    async close() {
      await forget();
      await session.close();
    },
  };
}

function firstParameters(
  { graph, shapes, manifest }: Network,
  { constants, adapters }: Pick<Trainable, "constants" | "adapters">,
  norms: readonly NormalisedConv[],
  descriptor: string,
  { file, losses, classes, seed }: FullStepOptions,
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
function classifierStart({ heads, means, losses, classes }: FullStepOptions, parameters: Parameters) {
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
