import { join } from "node:path";
import { COMBINED, USUAL_MARGINS } from "../../../shared/index.ts";
import { writeFileAtomically } from "../../files/index.ts";
import { encodeSafetensors, type FloatTensor } from "../../model/index.ts";
import { GraphBuilder } from "../../onnx/index.ts";
import { normNames } from "../network/batchNorm.ts";
import { adoptForward } from "../network/forward.ts";
import type { FullNetwork } from "../network/fullNetwork.ts";
import type { HeadNetwork } from "../network/headNetwork.ts";
import { takeApart } from "../network/parts.ts";
import type { Parameters } from "../parameters.ts";
import { rateOf } from "../proxies.ts";
import type { LossOptions } from "../trainingStep.ts";
import { describeGraph, type JobGraph } from "./graph.ts";
import type { Plan } from "./plan.ts";

/** Files of a job, as `trainer/lookalike_trainer/job.py` names them. */
export const JOB_FILES = {
  job: "job.json",
  start: "start.safetensors",
  plan: "plan.bin",
  train: "train.bin",
  validation: "validation.bin",
  test: "test.bin",
  checkpoint: "checkpoint.safetensors",
  result: "result.safetensors",
} as const;

/** A part of the images, as it lies in its file. */
export interface JobImages {
  readonly count: number;
  /** A number per image. */
  readonly labels: readonly number[];
  /** Of pictures. */
  readonly height?: number;
  readonly width?: number;
  /** Of embeddings. */
  readonly views?: number;
  readonly dims?: readonly number[];
}

/** A network as a job has it. */
export interface JobNetwork extends JobGraph {
  readonly inputs: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly parameters: Parameters;
  readonly norms: readonly Readonly<Record<string, string>>[];
  /** Names of learned exponents, by branch. */
  readonly exponents: Readonly<Record<string, string>>;
  readonly branches: readonly { readonly name: string; readonly output: string }[];
  readonly combined: string;
  /** What the auxiliary classifier reads. */
  readonly descriptor: string;
  /** Parameters that start elsewhere than the network's own. */
  readonly start: ReadonlyMap<string, Float32Array>;
  /** The classifier's weights are those for descriptors of norm 1; the first batch says which norm they have. */
  readonly unitClassifier: boolean;
}

/** A whole network. @throws CannotTrainError where the torch engine cannot run it */
export function jobNetworkOf(full: FullNetwork, file: string): JobNetwork {
  const { network, trained, norms, biases, parameters, descriptor, classifierStart } = full;
  const { manifest } = network;
  const graph = new GraphBuilder("network", "job_");
  adoptForward(graph, network, trained, []);
  const branches = manifest.descriptors.map(({ name }) => ({ name, output: name }));
  const behind = new Set(takeApart(network.graph).behind.flatMap(({ output }) => output));
  const isBackbone = (output: string) => !behind.has(output) && !output.startsWith("job_");
  const outputs = [...branches.map(({ output }) => output), COMBINED, descriptor];
  const described = describeGraph(graph, outputs, isBackbone, file);
  const first = [...biases].map(([name, values]): [string, FloatTensor] => [name, { shape: [values.length], values }]);
  return {
    ...described,
    // The biases of normalised convolutions are no parameters; they say where the norms start.
    constants: new Map([...described.constants, ...first]),
    inputs: ["image"],
    ...{ height: manifest.input.height, width: manifest.input.width },
    parameters,
    norms: norms.map((norm) => ({ output: norm.node.output[0]!, ...normNames(norm) })),
    exponents: Object.fromEntries(trained.exponents.map(({ branch, p }) => [branch, p])),
    branches,
    combined: COMBINED,
    descriptor,
    start: classifierStart?.(1) ?? new Map(),
    unitClassifier: classifierStart !== undefined,
  };
}

/** The heads of a frozen model, on its embeddings. */
export function headJobNetwork(heads: HeadNetwork, file: string): JobNetwork {
  const { descriptors, parameters, inputs } = heads;
  const graph = new GraphBuilder("heads", "job_");
  const { branches, classified, combined } = heads.addTo(graph);
  return {
    ...describeGraph(graph, [...branches, classified, combined], () => false, file),
    ...{ inputs: [...inputs.keys()], height: 0, width: 0, parameters },
    ...{ norms: [], exponents: {}, start: new Map(), unitClassifier: false },
    branches: descriptors.map(({ name }, i) => ({ name, output: branches[i]! })),
    ...{ combined, descriptor: classified },
  };
}

export interface Job {
  /** What the training depends on: a checkpoint or result of another key is not used. */
  readonly key: string;
  readonly network: JobNetwork;
  readonly losses: LossOptions;
  readonly plan: Plan;
  readonly evaluateEvery: number;
  readonly images: Readonly<Record<"train" | "validation" | "test", JobImages>>;
}

/** Writes everything but the images; `job.json` last, so that whoever finds it finds all. @throws FileError */
export async function writeJob(folder: string, job: Job): Promise<void> {
  const { network, plan, losses } = job;
  const { parameters, constants, start } = network;
  const names = [...parameters.dims.keys()];
  const statistics = [...parameters.statistics.keys()];
  const tensors = new Map<string, FloatTensor>([
    ...constants,
    ...[...names, ...statistics].map((name): [string, FloatTensor] => [
      name,
      { shape: parameters.dimsOf(name), values: start.get(name) ?? parameters.of(name) },
    ]),
  ]);
  await writeFileAtomically(join(folder, JOB_FILES.start), encodeSafetensors(tensors));
  await writeFileAtomically(join(folder, JOB_FILES.plan), new Uint8Array(plan.entries.buffer));
  const { ranking, margin, classification, labelSmoothing, temperature, rankingWeight, classificationWeight } = losses;
  const { constants: _constants, parameters: _parameters, start: _start, ...described } = network;
  const text = JSON.stringify({
    format: 1,
    key: job.key,
    ...described,
    parameters: names,
    statistics,
    rates: Object.fromEntries(names.map((name) => [name, rateOf(name)]).filter(([, rate]) => rate !== 1)),
    losses: {
      ...{ ranking, margin: margin ?? USUAL_MARGINS[ranking], classification, labelSmoothing, temperature },
      ...{ rankingWeight, classificationWeight },
    },
    plan: {
      batch: plan.batch,
      stepsPerEpoch: plan.stepsPerEpoch,
      epochs: plan.epochs,
      learningRates: plan.learningRates,
      evaluateEvery: job.evaluateEvery,
    },
    images: job.images,
  });
  await writeFileAtomically(join(folder, JOB_FILES.job), new TextEncoder().encode(text));
}
