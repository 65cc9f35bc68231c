import { toBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { COMBINED, type ModelManifest } from "../../shared/index.ts";
import { compactModel, encodeManifest, GraphBuilder } from "../model/index.ts";
import type { Dims } from "./attributes.ts";
import { classifierOf, classifierParameters } from "./classifier.ts";
import { CannotTrainError } from "./errors.ts";
import { addLosses } from "./losses/index.ts";
import { descriptorOf, takeApart } from "./network/parts.ts";
import { type NetworkOptions, prepareNetwork } from "./network/prepare.ts";
import { chooseTrainable, type LearnedExponent, type TrainableOptions } from "./network/trainable.ts";
import { Parameters } from "./parameters.ts";
import { type Execution, LABELS, StepSession, sessionOptions } from "./stepSession.ts";
import type { LossOptions, PixelInput, TrainingStep } from "./trainingStep.ts";

export interface FullStepOptions extends NetworkOptions, TrainableOptions, Execution {
  /** Of the auxiliary classifier. */
  readonly classes: number;
  /** Images per batch. */
  readonly batch: number;
  readonly losses: LossOptions;
  /** Of the classifier's first weights. */
  readonly seed: number;
}

/** An exponent below this is no mean any more, and its inverse leaves the range of float32. */
const LEAST_P = 0.1;
/** Images per run when embedding: the feature maps of more would only take memory. */
const EMBED_BATCH = 8;

/**
 * Trains a CGD model end to end (arXiv 1903.10663, section 3): backbone from a stage on, descriptors, FC. Ranking loss
 * on the combined embedding, classification loss on the first descriptor before its FC. Batch norm is folded into the
 * convolutions.
 * @throws CannotTrainError where the model has an operator that cannot be differentiated, or the options do not fit it
 * @throws ModelError where the file is no model of ours
 */
export async function openFullStep(options: FullStepOptions): Promise<TrainingStep<PixelInput>> {
  const { file, batch, losses, classes, seed } = options;
  const network = prepareNetwork(options);
  const { model, graph: base, manifest, shapes } = network;
  const { width, height } = manifest.input;
  const { constants, exponents } = chooseTrainable(network, file, options);
  const parts = takeApart(base);
  const names = manifest.descriptors.map((branch) => branch.name);
  const descriptor = descriptorOf(parts, names[0]!);
  const channels = shapes.get(descriptor)?.[1];
  if (channels === undefined)
    throw new CannotTrainError(`The first descriptor of ${file} was not found. Train a head.`);
  const parameters = new Parameters(
    new Map([...constants, ...(losses.classification === "none" ? [] : classifierParameters(channels, classes, seed))]),
  );

  const image: Dims = [batch, height, width, 3];
  const graph = new GraphBuilder("full step", "step_");
  graph.input("image", "uint8", image);
  adoptForward(graph, base, new Set(constants.keys()), exponents);
  addLosses(graph, losses, COMBINED, LABELS, batch, classifierOf(options, descriptor));
  // What is trained now lives in the parameters; the file keeps the names only.
  const tensors = new Map(base.initializer.map((tensor) => [tensor.name, tensor]));
  for (const name of constants.keys()) tensors.get(name)!.rawData = new Uint8Array();
  const session = await StepSession.open(graph, parameters, new Map([["image", image]]), batch, file, options);
  let embedder: InferenceSession | undefined;

  const exponentOf = ({ p }: LearnedExponent) => parameters.of(p).map((x) => Math.max(x, LEAST_P));
  const encode = (changed: ModelManifest): Uint8Array => {
    const write = (name: string, values: Float32Array) => {
      const tensor = tensors.get(name)!;
      tensor.floatData = [];
      tensor.rawData = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    };
    for (const name of constants.keys()) write(name, parameters.of(name));
    for (const exponent of exponents) {
      const p = exponentOf(exponent);
      write(exponent.p, p);
      write(
        exponent.inverse,
        p.map((x) => 1 / x),
      );
    }
    for (const entry of model.metadataProps) entry.value = encodeManifest(changed)[entry.key] ?? entry.value;
    base.name = changed.name;
    const bytes = toBinary(ModelProtoSchema, model);
    for (const name of constants.keys()) write(name, new Float32Array());
    return bytes;
  };
  const forget = async () => {
    await embedder?.release();
    embedder = undefined;
  };
  return {
    batch,
    async run(input, labels, learningRate) {
      await forget();
      return session.run({ image: new Tensor("uint8", input, image) }, labels, learningRate);
    },
    async embed(input, n) {
      // With constant weights onnxruntime chooses faster kernels than the step has; they serve until the next step.
      embedder ??= await InferenceSession.create(encode(manifest), sessionOptions(options));
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
    exponents: () => Object.fromEntries(manifest.descriptors.flatMap(({ name, p }) => currentExponent(name, p))),
    toModel(name, training) {
      const descriptors = manifest.descriptors.map((branch) => {
        const learned = exponents.find((exponent) => exponent.branch === branch.name);
        return learned === undefined ? branch : { ...branch, p: describeExponent(exponentOf(learned)) };
      });
      return compactModel(encode({ ...manifest, name, descriptors, training }), file);
    },
    async close() {
      await forget();
      await session.close();
    },
  };

  function currentExponent(name: string, p: ModelManifest["descriptors"][number]["p"]): [string, number][] {
    const learned = exponents.find((exponent) => exponent.branch === name);
    const now = learned === undefined ? p : describeExponent(exponentOf(learned));
    return now === undefined ? [] : [[name, typeof now === "number" ? now : now.mean]];
  }
}

function describeExponent(p: Float32Array): number | { min: number; mean: number; max: number } {
  if (p.length === 1) return p[0]!;
  const mean = p.reduce((sum, x) => sum + x, 0) / p.length;
  return { min: Math.min(...p), mean, max: Math.max(...p) };
}

/** Puts the network into the graph of the step, without the outputs that no loss reads and the constants that are trained. */
function adoptForward(
  graph: GraphBuilder,
  base: GraphProto,
  trained: ReadonlySet<string>,
  exponents: readonly LearnedExponent[],
): void {
  const inverses = new Set(exponents.map(({ inverse }) => inverse));
  graph.adopt(
    [],
    base.initializer.filter(({ name }) => !trained.has(name) && !inverses.has(name)),
  );
  // A learned exponent stays positive, and its inverse follows it.
  const positive = new Map(
    exponents.map(({ p, inverse }) => {
      const bounded = graph.op("Max", [p, graph.scalar(LEAST_P)]);
      graph.op("Div", [graph.scalar(1), bounded], {}, inverse);
      return [p, bounded];
    }),
  );
  const used = base.node.filter(({ output }) => !/^features(_\d+)?$/.test(output[0] ?? ""));
  graph.adopt(
    used.map((node) =>
      node.opType === "Pow" ? { ...node, input: node.input.map((x) => positive.get(x) ?? x) } : node,
    ),
    [],
  );
}
