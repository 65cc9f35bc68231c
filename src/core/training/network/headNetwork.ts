import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Branch, TrainingProvenance } from "../../../shared/index.ts";
import { addL2, appendHeads, type Head, readManifest } from "../../model/index.ts";
import { GraphBuilder } from "../../onnx/index.ts";
import { sessionOptions } from "../../runtime/index.ts";
import type { Dims } from "../attributes.ts";
import { classifierParameters } from "../classifier.ts";
import { CannotTrainError } from "../errors.ts";
import { type NamedTensors, Parameters } from "../parameters.ts";
import { proxyParameters } from "../proxies.ts";
import type { Execution } from "../stepDevice.ts";
import type { HeadInput, LossOptions } from "../trainingStep.ts";

export interface HeadOptions {
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

/** The heads of a frozen model in training, whoever takes the steps. */
export interface HeadNetwork {
  readonly descriptors: readonly Branch[];
  readonly parameters: Parameters;
  /** Names of the inputs with their sizes, `[batch, dim]`, one per branch. */
  readonly inputs: ReadonlyMap<string, Dims>;
  /** Adds the heads to a graph that has these inputs and the parameters. */
  addTo(graph: GraphBuilder): HeadValues;
  /** Embeddings `[n, dim]` of each branch by the heads as they are. */
  embed(input: HeadInput, n: number): Promise<Float32Array[]>;
  exponents(): Readonly<Record<string, number>>;
  toModel(name: string, training: TrainingProvenance): Uint8Array;
  close(): Promise<void>;
}

/** Names of values. */
interface HeadValues {
  /** `[n, dim]`, rows of norm 1. */
  readonly branches: readonly string[];
  /** What the classifier reads: the first branch before its L2. */
  readonly classified: string;
  readonly combined: string;
}

/**
 * @throws CannotTrainError where the heads do not fit the model
 * @throws ModelError where the file is no model of ours
 */
export async function openHeadNetwork(
  options: HeadOptions,
  { device = "cpu", threads }: Execution,
): Promise<HeadNetwork> {
  const { bytes, file, heads, batch } = options;
  const { descriptors } = readManifest(bytes, file);
  checkHeads(descriptors, options);
  const parameters = new Parameters(firstParameters(descriptors, options));
  const embedder = await InferenceSession.create(
    embedderOf(descriptors, heads),
    sessionOptions(device, { threads, inPart: true }),
  );
  return {
    descriptors,
    parameters,
    inputs: new Map(descriptors.map(({ name, dim }): [string, Dims] => [inputOf(name), [batch, dim]])),
    addTo(graph) {
      const projected = descriptors.map(({ name }) => addProjection(graph, name));
      const branches = projected.map((rows) => addL2(graph, rows));
      // The norm of the concatenation of n vectors of norm 1 is sqrt(n).
      const side = branches.length === 1 ? branches[0]! : graph.op("Concat", branches, { axis: 1 });
      const combined = graph.op("Mul", [side, graph.scalar(1 / Math.sqrt(branches.length))]);
      return { branches, classified: projected[0]!, combined };
    },
    async embed(input, n) {
      const weights = descriptors.flatMap(({ name }) => [weightsOf(name), biasOf(name)]);
      const now = weights.map((name) => [name, new Tensor("float32", parameters.of(name), parameters.dimsOf(name))]);
      const results = await embedder.run({ ...headFeeds(descriptors, input, n), ...Object.fromEntries(now) });
      return descriptors.map(({ name }) => results[name]!.data as Float32Array);
    },
    exponents: () => Object.fromEntries(descriptors.flatMap((branch) => exponentOf(branch))),
    toModel(name, training) {
      const trained = descriptors.map((branch, i): Head => {
        const [weights, bias] = [weightsOf, biasOf].map((of) => parameters.of(of(branch.name)).slice());
        return { weights: weights!, bias: bias!, dim: heads[i]!.dim };
      });
      return appendHeads(bytes, file, trained, name, training);
    },
    close: () => embedder.release(),
  };
}

/** What a session of the heads is fed. */
export function headFeeds(
  descriptors: readonly Branch[],
  input: HeadInput,
  n: number,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    descriptors.map(({ name, dim }, i) => [inputOf(name), new Tensor("float32", input[i]!, [n, dim])]),
  );
}

function checkHeads(descriptors: readonly Branch[], { file, heads, batch, classes, losses }: HeadOptions): void {
  const fits =
    heads.length === descriptors.length &&
    heads.every(({ weights, bias, dim }, i) => weights.length === dim * descriptors[i]!.dim && bias.length === dim);
  if (!fits) throw new CannotTrainError(`The heads do not fit the branches of ${file}. Fit them to this model.`);
  if (batch < 2) throw new CannotTrainError("A batch needs at least two images: a ranking loss compares them.");
  if (losses.classification !== "none" && classes < 2) {
    throw new CannotTrainError("The classification loss needs at least two classes. Leave it out, or add classes.");
  }
}

function firstParameters(descriptors: readonly Branch[], options: HeadOptions): NamedTensors {
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
