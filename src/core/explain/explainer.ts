import { promises as fs } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { BranchExplanation, ExplainResult, Unexplained } from "../../shared/index.ts";
import { fingerprint, ModelError } from "../model/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { type BranchGraph, branchGraph, Producers, UnexplainedError } from "./branchGraph.ts";
import { type BranchValues, explainBranch } from "./explainBranch.ts";
import { constantValues, type ExplainOutputs, explainGraph } from "./explainGraph.ts";
import type { HeadValues } from "./head.ts";

interface ReadyBranch {
  readonly graph: BranchGraph;
  readonly outputs: ExplainOutputs;
  readonly steps: readonly HeadValues[];
  /** Exponents, one or one per channel. */
  readonly p: Float32Array | undefined;
}

/** A model in a form that shows what its scores are made of. It runs on the CPU, whatever the device of the search. */
export class Explainer {
  readonly #embedder: Embedder;
  readonly #session: InferenceSession | undefined;
  readonly #branches: readonly ReadyBranch[];
  readonly #unexplained: readonly Unexplained[];

  /** @throws ModelError where the model's file is not what was loaded any more */
  static async open(embedder: Embedder): Promise<Explainer> {
    const bytes = await fs.readFile(embedder.file).catch(() => new Uint8Array());
    if (fingerprint(bytes) !== embedder.summary.fingerprint) {
      throw new ModelError(
        `The model file ${embedder.file} was replaced or removed meanwhile. Search again, then retry.`,
      );
    }
    const model = fromBinary(ModelProtoSchema, bytes) as ModelProto & { graph: GraphProto };
    const producers = new Producers(model.graph);
    const found: BranchGraph[] = [];
    const unexplained: Unexplained[] = [];
    for (const branch of embedder.manifest.descriptors) {
      try {
        found.push(branchGraph(producers, branch));
      } catch (error) {
        if (!(error instanceof UnexplainedError)) throw error;
        unexplained.push({ name: branch.name, reason: error.message });
      }
    }
    if (found.length === 0) return new Explainer(embedder, undefined, [], unexplained);
    const constants = await constantValues(model, found.flatMap(constantsOf));
    const { bytes: graph, outputs } = explainGraph(model, found);
    const session = await InferenceSession.create(graph, { executionProviders: ["cpu"] });
    const branches = found.map((each, i) => ready(each, outputs[i]!, constants));
    return new Explainer(embedder, session, branches, unexplained);
  }

  private constructor(
    embedder: Embedder,
    session: InferenceSession | undefined,
    branches: readonly ReadyBranch[],
    unexplained: readonly Unexplained[],
  ) {
    this.#embedder = embedder;
    this.#session = session;
    this.#branches = branches;
    this.#unexplained = unexplained;
  }

  /** @param query and `result`: uint8 RGB `[height, width, 3]` of the model's input size */
  async explain(query: Uint8Array, result: Uint8Array): Promise<ExplainResult> {
    if (this.#session === undefined) return { branches: [], unexplained: this.#unexplained, problem: this.#problem() };
    const { width, height } = this.#embedder.manifest.input;
    const pixels = new Uint8Array(query.length + result.length);
    pixels.set(query);
    pixels.set(result, query.length);
    const values = await this.#session.run({ image: new Tensor("uint8", pixels, [2, height, width, 3]) });
    const branches: BranchExplanation[] = [];
    const unexplained = [...this.#unexplained];
    for (const branch of this.#branches) {
      try {
        branches.push(explainBranch(valuesOf(branch, values)));
      } catch (error) {
        if (!(error instanceof UnexplainedError)) throw error;
        unexplained.push({ name: branch.graph.branch.name, reason: error.message });
      }
    }
    return { branches, unexplained, problem: null };
  }

  async release(): Promise<void> {
    await this.#session?.release();
  }

  #problem(): string {
    const reasons = new Set(this.#unexplained.map(({ reason }) => reason));
    return `The model ${this.#embedder.manifest.name} cannot show where its scores come from. ${[...reasons].join(" ")}`;
  }
}

function constantsOf({ steps, inverse }: BranchGraph): string[] {
  const names = steps.flatMap((step) => (step.kind === "linear" ? [step.weights, step.bias] : []));
  return [...names, inverse].filter((name) => name !== undefined);
}

function ready(graph: BranchGraph, outputs: ExplainOutputs, constants: ReadonlyMap<string, Float32Array>): ReadyBranch {
  const steps = graph.steps.map((step): HeadValues => {
    if (step.kind === "l2") return step;
    const bias = step.bias === undefined ? undefined : constants.get(step.bias)!;
    return { kind: "linear", weights: constants.get(step.weights)!, bias };
  });
  const p = graph.inverse === undefined ? undefined : constants.get(graph.inverse)!.map((inverse) => 1 / inverse);
  return { graph, outputs, steps, p };
}

function valuesOf({ graph, outputs, steps, p }: ReadyBranch, values: InferenceSession.ReturnType): BranchValues {
  const data = (name: string) => values[name]!.data as Float32Array;
  const [, channels = 0, height = 0, width = 0] = values[outputs.map]!.dims;
  const half = (all: Float32Array, image: number) =>
    all.subarray((image * all.length) / 2, ((image + 1) * all.length) / 2);
  const images = [0, 1].map((image) => ({
    height,
    width,
    values: half(data(outputs.map), image),
    pooled: half(data(outputs.pooled), image),
    embedding: half(data(outputs.embedding), image),
    spatial: outputs.spatial === undefined ? undefined : half(data(outputs.spatial), image),
  }));
  if (channels * height * width * 2 !== data(outputs.map).length)
    throw new UnexplainedError("Its feature map is no map.");
  return { branch: graph.branch, steps, p, images, local: data(outputs.local), products: data(outputs.products) };
}
