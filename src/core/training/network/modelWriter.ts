import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type TensorProto } from "onnx-buf";
import type { Branch, ModelManifest, TrainingProvenance } from "../../../shared/index.ts";
import { encodeManifest } from "../../model/index.ts";
import type { Parameters } from "../parameters.ts";
import { folded, type NormalisedConv } from "./batchNorm.ts";
import { merged } from "./lowRank.ts";
import type { Network } from "./prepare.ts";
import type { LearnedExponent, Trained } from "./trainable.ts";

/** An exponent below this is no mean any more, and its inverse leaves the range of float32. */
export const LEAST_P = 0.1;

/** Writes a network in training as a model file. Between two files it holds no copy of what is trained. */
export class ModelWriter {
  readonly #network: Network;
  readonly #trained: Trained;
  readonly #norms: readonly NormalisedConv[];
  readonly #tensors: ReadonlyMap<string, TensorProto>;

  /** Empties the network's constants that are trained: they live in the parameters. */
  constructor(network: Network, trained: Trained, norms: readonly NormalisedConv[]) {
    this.#network = network;
    this.#trained = trained;
    this.#norms = norms;
    this.#tensors = new Map(network.graph.initializer.map((tensor) => [tensor.name, tensor]));
    this.#empty();
  }

  /** The model as it is now, in float32. */
  encode(parameters: Parameters, name: string, training: TrainingProvenance | null): Uint8Array {
    const { model, graph, manifest } = this.#network;
    const normalised = new Set(this.#norms.flatMap(({ weights, bias }) => [weights, bias]));
    for (const constant of this.#trained.names) {
      if (!normalised.has(constant)) this.#write(constant, parameters.of(constant));
    }
    for (const conv of this.#norms) {
      const { weights, bias } = folded(conv, (value) => parameters.of(value));
      this.#write(conv.weights, weights);
      this.#write(conv.bias, bias);
    }
    for (const adapter of this.#trained.adapters) {
      this.#write(
        adapter.weights,
        merged(adapter, (value) => parameters.of(value)),
      );
    }
    for (const exponent of this.#trained.exponents) {
      const p = boundedExponent(exponent, parameters);
      const inverse = p.map((x) => 1 / x);
      this.#write(exponent.p, p);
      this.#write(exponent.inverse, inverse);
    }
    const descriptors = manifest.descriptors.map((branch) => ({ ...branch, ...this.#exponentOf(branch, parameters) }));
    // What was trained is no longer in the space of words.
    const { text: _, ...rest } = manifest;
    const metadata = encodeManifest({ ...rest, name, descriptors, training });
    for (const entry of model.metadataProps) entry.value = metadata[entry.key] ?? entry.value;
    graph.name = name;
    const bytes = toBinary(ModelProtoSchema, model);
    this.#empty();
    return bytes;
  }

  /** The mean exponent of each branch that has one, by branch name. */
  exponents(parameters: Parameters): Record<string, number> {
    const of = (branch: Branch): [string, number][] => {
      const { p = branch.p } = this.#exponentOf(branch, parameters);
      return p === undefined ? [] : [[branch.name, typeof p === "number" ? p : p.mean]];
    };
    return Object.fromEntries(this.#network.manifest.descriptors.flatMap(of));
  }

  #exponentOf({ name }: Branch, parameters: Parameters): Pick<Branch, "p"> {
    const learned = this.#trained.exponents.find((exponent) => exponent.branch === name);
    return learned === undefined ? {} : { p: describeExponent(boundedExponent(learned, parameters)) };
  }

  #write(name: string, values: Float32Array): void {
    const tensor = this.#tensors.get(name)!;
    tensor.floatData = [];
    tensor.rawData = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  }

  #empty(): void {
    for (const name of this.#trained.names) this.#write(name, new Float32Array());
    for (const { weights, frozen } of this.#trained.adapters) this.#write(weights, frozen.values);
  }
}

function boundedExponent({ p }: LearnedExponent, parameters: Parameters): Float32Array {
  return parameters.of(p).map((x) => Math.max(x, LEAST_P));
}

function describeExponent(p: Float32Array): NonNullable<ModelManifest["descriptors"][number]["p"]> {
  if (p.length === 1) return p[0]!;
  return { min: Math.min(...p), mean: p.reduce((sum, x) => sum + x, 0) / p.length, max: Math.max(...p) };
}
