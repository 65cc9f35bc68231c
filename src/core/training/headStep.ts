import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Branch } from "../../shared/index.ts";
import { addL2, appendHeads, type Head, readManifest } from "../model/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { sessionOptions } from "../runtime/index.ts";
import type { Dims } from "./attributes.ts";
import { classifierOf, classifierParameters } from "./classifier.ts";
import { CannotTrainError } from "./errors.ts";
import { addLosses } from "./losses/index.ts";
import { type NamedTensors, Parameters } from "./parameters.ts";
import { proxiesOf, proxyParameters } from "./proxies.ts";
import type { Execution } from "./stepDevice.ts";
import { LABELS, StepSession } from "./stepSession.ts";
import type { HeadInput, LossOptions, TrainingStep } from "./trainingStep.ts";

export interface HeadStepOptions extends Execution {
  /** The frozen model's file. */
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly file: string;
  /** Where the training starts, one per branch: as `fitHead` gives them. */
  readonly heads: readonly Head[];
  /** Of the auxiliary classifier. */
  readonly classes: number;
  /** Images per batch. */
  readonly batch: number;
  readonly losses: LossOptions;
  /** Of the classifier's first weights. */
  readonly seed: number;
}

const weightsOf = (branch: string) => `${branch}/weights`;
const biasOf = (branch: string) => `${branch}/bias`;
const inputOf = (branch: string) => `${branch}/input`;

/**
 * Trains the heads of a frozen model: per branch y = x W + b and L2, then the combined embedding (arXiv 1903.10663,
 * section 3.2), on the branches' embeddings x, which are computed once. The ranking loss is that of the paper. Its
 * classifier reads the first descriptor before the FC; with a frozen backbone nothing that is trained lies before it, so
 * here it reads the first branch behind its FC, before L2 (docs/training.md has the comparison).
 * @throws CannotTrainError where the heads do not fit the model
 * @throws ModelError where the file is no model of ours
 */
export async function openHeadStep(options: HeadStepOptions): Promise<TrainingStep<HeadInput>> {
  const { bytes, file, heads, batch, losses } = options;
  const { descriptors } = readManifest(bytes, file);
  checkHeads(descriptors, options);
  const parameters = new Parameters(firstParameters(descriptors, options));
  const inputs = new Map(descriptors.map(({ name, dim }): [string, Dims] => [inputOf(name), [batch, dim]]));

  const graph = new GraphBuilder("head step", "step_");
  for (const [name, dims] of inputs) graph.input(name, "float32", dims);
  const projected = descriptors.map(({ name }) => addProjection(graph, name));
  const branches = projected.map((rows) => addL2(graph, rows));
  // The norm of the concatenation of n vectors of norm 1 is sqrt(n).
  const side = branches.length === 1 ? branches[0]! : graph.op("Concat", branches, { axis: 1 });
  const combined = graph.op("Mul", [side, graph.scalar(1 / Math.sqrt(branches.length))]);
  const classified = classifierOf(options, projected[0]!);
  addLosses(graph, losses, combined, LABELS, batch, classified, proxiesOf(losses, options.classes));
  const session = await StepSession.open(graph, parameters, inputs, batch, file, options);
  const embedder = await InferenceSession.create(
    embedderOf(descriptors, heads),
    sessionOptions(session.device.used, { threads: options.threads, inPart: true }),
  );
  const rows = (input: HeadInput, n: number) =>
    Object.fromEntries(
      descriptors.map(({ name, dim }, i) => [inputOf(name), new Tensor("float32", input[i]!, [n, dim])]),
    );

  return {
    batch,
    device: session.device,
    run: (input, labels, learningRate) => session.run(rows(input, batch), labels, learningRate),
    async embed(input, n) {
      const weights = descriptors.flatMap(({ name }) => [weightsOf(name), biasOf(name)]);
      const now = weights.map((name) => [name, new Tensor("float32", parameters.of(name), parameters.dimsOf(name))]);
      const results = await embedder.run({ ...rows(input, n), ...Object.fromEntries(now) });
      return descriptors.map(({ name }) => results[name]!.data as Float32Array);
    },
    state: () => parameters.state(),
    restore: (state) => parameters.restore(state),
    exponents: () => Object.fromEntries(descriptors.flatMap((branch) => exponentOf(branch))),
    toModel(name, training) {
      const trained = descriptors.map((branch, i): Head => {
        const [weights, bias] = [weightsOf, biasOf].map((of) => parameters.of(of(branch.name)).slice());
        return { weights: weights!, bias: bias!, dim: heads[i]!.dim };
      });
      return appendHeads(bytes, file, trained, name, training);
    },
    async close() {
      await session.close();
      await embedder.release();
    },
  };
}

function checkHeads(descriptors: readonly Branch[], { file, heads, batch, classes, losses }: HeadStepOptions): void {
  const fits =
    heads.length === descriptors.length &&
    heads.every(({ weights, bias, dim }, i) => weights.length === dim * descriptors[i]!.dim && bias.length === dim);
  if (!fits) throw new CannotTrainError(`The heads do not fit the branches of ${file}. Fit them to this model.`);
  if (batch < 2) throw new CannotTrainError("A batch needs at least two images: a ranking loss compares them.");
  if (losses.classification !== "none" && classes < 2) {
    throw new CannotTrainError("The classification loss needs at least two classes. Leave it out, or add classes.");
  }
}

function firstParameters(descriptors: readonly Branch[], options: HeadStepOptions): NamedTensors {
  const { heads, classes, losses, seed } = options;
  return new Map([
    ...descriptors.flatMap(({ name, dim: inputs }, i): [string, { dims: Dims; values: Float32Array }][] => {
      const { weights, bias, dim } = heads[i]!;
      return [
        [weightsOf(name), { dims: [inputs, dim], values: weights }],
        [biasOf(name), { dims: [dim], values: bias }],
      ];
    }),
    ...classifierParameters(losses, heads[0]!.dim, classes, seed),
    ...proxyParameters(
      losses,
      classes,
      heads.reduce((sum, { dim }) => sum + dim, 0),
      seed,
    ),
  ]);
}

function addProjection(graph: GraphBuilder, name: string): string {
  return graph.op("Add", [graph.op("MatMul", [inputOf(name), weightsOf(name)]), biasOf(name)]);
}

/** The heads alone, for any number of images, with their weights as inputs. */
function embedderOf(descriptors: readonly Branch[], heads: readonly Head[]): Uint8Array {
  const graph = new GraphBuilder("heads");
  for (const [i, { name, dim: inputs }] of descriptors.entries()) {
    const { dim } = heads[i]!;
    graph.input(inputOf(name), "float32", ["N", inputs]);
    graph.input(weightsOf(name), "float32", [inputs, dim]);
    graph.input(biasOf(name), "float32", [dim]);
    addL2(graph, addProjection(graph, name), name);
    graph.output(name, "float32", ["N", dim]);
  }
  return graph.encode();
}

function exponentOf({ name, p }: Branch): [string, number][] {
  if (p === undefined) return [];
  return [[name, typeof p === "number" ? p : p.mean]];
}
