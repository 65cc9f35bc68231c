import type { AttentionKind, Branch, DescriptorKind, Tap } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import { type Attention, addAttention } from "./attention.ts";
import { DEFAULT_P, initialAttention, initialSpatialWeights } from "./initial.ts";
import { addGem, addMac, addSpoc, type Exponent } from "./pooling.ts";
import { addRmac } from "./regions.ts";
import { addCrow, addWgem, type SpatialWeights } from "./weighted.ts";

export type { Attention } from "./attention.ts";
export { addCombined, addFc, addL2, type Fc } from "./head.ts";
export { initialAttention, initialExponents, initialSpatialWeights } from "./initial.ts";
export { parseDescriptors } from "./parse.ts";
export { regionGrids } from "./regions.ts";

/** Levels of regions in R-MAC where none are given, as in the paper. */
const DEFAULT_LEVELS = 3;

/** What pools a feature map. A parameter of another kind is ignored. */
export interface DescriptorSpec {
  readonly kind: DescriptorKind;
  /** Exponent of GeM and wGeM, above 0: one number, or one per channel. 3 where absent. */
  readonly p?: Exponent;
  /** GeM and wGeM on values of both signs: each channel is shifted by its minimum. What is below zero is cut off where absent. */
  readonly signed?: "shift";
  /** Levels of regions in R-MAC, 1 to 8. 3 where absent. */
  readonly levels?: number;
  /** wGeM's spatial weights; where absent, those that make it GeM. */
  readonly spatial?: SpatialWeights;
  /** Attention before the pooling; given by its name, it starts as a constant factor. */
  readonly attention?: AttentionKind | Attention;
}

/**
 * Adds a global descriptor: attention where there is one, then pooling. Primitive operators only: each of them exists on
 * every execution provider.
 * @param features float32 `[N, C, h, w]`, of the sizes in `map`
 * @returns float32 `[N, C]`
 * @throws ModelError for parameters that cannot be
 */
export function addDescriptor(graph: GraphBuilder, spec: DescriptorSpec, features: string, map: Tap): string {
  const { channels, height, width } = map;
  const attended = spec.attention === undefined ? features : attend(graph, spec.attention, features, channels);
  switch (spec.kind) {
    case "SPoC":
      return addSpoc(graph, attended);
    case "MAC":
      return addMac(graph, attended);
    case "GeM":
      return addGem(graph, attended, exponent(spec, channels), spec.signed);
    case "CroW":
      return addCrow(graph, attended, channels);
    case "wGeM": {
      const spatial = spec.spatial ?? initialSpatialWeights(channels);
      return addWgem(graph, attended, channels, exponent(spec, channels), spatial, spec.signed);
    }
    case "RMAC":
      return addRmac(graph, attended, height, width, levels(spec));
    case "Vector":
      // The network has pooled already: `[N, C]` or `[N, C, 1, 1]`.
      return graph.op("Flatten", [features]);
  }
}

/** The parameters of a descriptor as the manifest tells them. */
export function descriptorParameters(spec: DescriptorSpec): Pick<Branch, "p" | "signed" | "levels" | "attention"> {
  const { kind, p = DEFAULT_P, signed, attention } = spec;
  const powered = kind === "GeM" || kind === "wGeM";
  return {
    ...(powered ? { p: typeof p === "number" ? p : range(p) } : {}),
    ...(powered && signed !== undefined ? { signed } : {}),
    ...(kind === "RMAC" ? { levels: levels(spec) } : {}),
    ...(attention === undefined ? {} : { attention: typeof attention === "string" ? attention : attention.kind }),
  };
}

function attend(graph: GraphBuilder, attention: AttentionKind | Attention, features: string, channels: number): string {
  const weights = typeof attention === "string" ? initialAttention(attention, channels) : attention;
  return addAttention(graph, features, channels, weights);
}

function exponent({ kind, p = DEFAULT_P }: DescriptorSpec, channels: number): Exponent {
  if (typeof p !== "number" && p.length !== channels) {
    throw new ModelError(`${kind} has ${p.length} exponents p for the ${channels} channels of its feature map.`);
  }
  const wrong = (typeof p === "number" ? [p] : [...p]).find((x) => !(Number.isFinite(x) && x > 0));
  if (wrong !== undefined) throw new ModelError(`The exponent p of ${kind} must be a number above 0, not ${wrong}.`);
  return p;
}

function levels({ levels: n = DEFAULT_LEVELS }: DescriptorSpec): number {
  if (Number.isInteger(n) && n >= 1 && n <= 8) return n;
  throw new ModelError(`R-MAC has 1 to 8 levels of regions, not ${n}.`);
}

function range(p: Float32Array): { min: number; mean: number; max: number } {
  return {
    min: p.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY),
    mean: p.reduce((sum, x) => sum + x, 0) / p.length,
    max: p.reduce((most, x) => Math.max(most, x), 0),
  };
}
