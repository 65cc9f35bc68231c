import { type Branch, COMBINED, type DescriptorKind, type ModelManifest } from "../../shared/index.ts";
import type { BackboneSource } from "./backbones/backbone.ts";
import { addDescriptor, addFc, addL2 } from "./descriptors.ts";
import { ModelError } from "./errors.ts";
import { encodeManifest } from "./manifest.ts";
import { GraphBuilder } from "./onnx/index.ts";

/** GeM's exponent where none is given; the paper fixes it. */
const DEFAULT_P = 3;

export interface BranchSpec {
  readonly kind: DescriptorKind;
  /** Index into the backbone's taps; 0 where absent. */
  readonly tap?: number;
  /** GeM's exponent. */
  readonly p?: number;
  /** FC weights, float32 `[C, dim]`; without them the branch is the pooled vector itself. */
  readonly fc?: { readonly weights: Float32Array; readonly dim: number };
}

export interface ModelSpec {
  readonly name: string;
  readonly backbone: BackboneSource;
  /** One to eight, in order. */
  readonly branches: readonly BranchSpec[];
}

/**
 * Writes a CGD model: backbone, then per branch descriptor + FC + L2, then concatenation + L2 (arXiv 1903.10663, figure 2).
 * The same spec gives the same bytes.
 * @returns an ONNX file in the format that `ModelManifest` describes
 */
export function buildModel({ name, backbone: source, branches }: ModelSpec): Uint8Array {
  if (branches.length < 1 || branches.length > 8) throw new ModelError("A model has one to eight descriptors.");
  const { backbone, inputSize, inputHeight = inputSize } = source;
  const graph = new GraphBuilder(name);
  const image = graph.input("image", "uint8", ["N", inputHeight, inputSize, 3]);
  const pixels = graph.op("Cast", [graph.op("Transpose", [image], { perm: [0, 3, 1, 2] })], { to: 1 });
  const taps = source.addTo(graph, pixels);

  const outputs = branchNames(branches).map((branchName, i): Branch => {
    const { kind, tap = 0, p = DEFAULT_P, fc } = branches[i]!;
    const map = backbone.taps[tap];
    if (map === undefined) throw new ModelError(`The backbone ${backbone.name} has no tap ${tap}.`);
    const pooled = addDescriptor(graph, kind, taps[tap]!, p);
    const embedded = fc === undefined ? pooled : addFc(graph, pooled, fc.weights, map.channels, fc.dim);
    addL2(graph, embedded, branchName);
    const dim = fc?.dim ?? map.channels;
    graph.output(branchName, "float32", ["N", dim]);
    return { name: branchName, kind, dim, tap, ...(kind === "GeM" ? { p } : {}) };
  });

  const names = outputs.map((branch) => branch.name);
  addL2(graph, graph.op("Concat", names, { axis: 1 }), COMBINED);
  graph.output(COMBINED, "float32", ["N", outputs.reduce((sum, branch) => sum + branch.dim, 0)]);
  const maps = outputs.some((branch) => branch.kind !== "Vector") ? backbone.taps : [];
  for (const [i, { channels, height, width }] of maps.entries()) {
    const output = backbone.taps.length === 1 ? "features" : `features_${i}`;
    graph.op("Identity", [taps[i]!], {}, output);
    graph.output(output, "float32", ["N", channels, height, width]);
  }

  const manifest: ModelManifest = {
    format: 1,
    name,
    backbone,
    descriptors: outputs,
    input: { width: inputSize, height: inputHeight, resize: "squash", background: [255, 255, 255] },
    weights: source.weights,
    training: null,
  };
  return graph.encode(encodeManifest(manifest));
}

/** `spoc`, `mac`, `gem`; a second branch of a kind gets a number, so that no two outputs share a name. */
function branchNames(branches: readonly BranchSpec[]): string[] {
  const seen = new Map<string, number>();
  return branches.map(({ kind }) => {
    const base = kind.toLowerCase();
    const n = (seen.get(base) ?? 0) + 1;
    seen.set(base, n);
    return n === 1 ? base : `${base}_${n}`;
  });
}

const LETTERS: Readonly<Record<string, DescriptorKind>> = { S: "SPoC", M: "MAC", G: "GeM" };

/**
 * Branches from the paper's letters, such as `SMG` or `GS`.
 * @throws ModelError for another letter
 */
export function branchesFromLetters(letters: string): BranchSpec[] {
  return [...letters.toUpperCase()].map((letter) => {
    const kind = LETTERS[letter];
    if (kind === undefined) throw new ModelError(`"${letter}" stands for no descriptor; use S, M and G.`);
    return { kind };
  });
}
