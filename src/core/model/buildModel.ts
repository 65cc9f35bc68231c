import type { Branch, ModelManifest, TextLink } from "../../shared/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import type { BackboneSource } from "./backbones/backbone.ts";
import {
  addCombined,
  addDescriptor,
  addFc,
  addL2,
  type DescriptorSpec,
  descriptorParameters,
  type Fc,
} from "./descriptors/index.ts";
import { ModelError } from "./errors.ts";
import { encodeManifest } from "./manifest.ts";

export interface BranchSpec extends DescriptorSpec {
  /** Instead of its kind's. */
  readonly name?: string;
  /** Index into the backbone's taps; 0 where absent. */
  readonly tap?: number;
  /** Without an FC the branch is the pooled vector itself. */
  readonly fc?: Fc;
}

export interface ModelSpec {
  readonly name: string;
  readonly backbone: BackboneSource;
  /** One to eight, in order. */
  readonly branches: readonly BranchSpec[];
  /** Fingerprint of the text tower whose space the one Vector branch is in. */
  readonly tower?: TextLink["tower"] | undefined;
}

/**
 * Writes a CGD model: backbone, then per branch descriptor + FC + L2, then concatenation + L2 (arXiv 1903.10663, figure 2).
 * The same spec gives the same bytes.
 * @returns an ONNX file in the format that `ModelManifest` describes
 */
export function buildModel({ name, backbone: source, branches, tower }: ModelSpec): Uint8Array {
  if (name.trim() === "") throw new ModelError("A model needs a name.");
  if (branches.length < 1 || branches.length > 8) throw new ModelError("A model has one to eight descriptors.");
  const { backbone, inputSize, inputHeight = inputSize } = source;
  const graph = new GraphBuilder(name);
  const image = graph.input("image", "uint8", ["N", inputHeight, inputSize, 3]);
  const pixels = graph.op("Cast", [graph.op("Transpose", [image], { perm: [0, 3, 1, 2] })], { to: 1 });
  const taps = source.addTo(graph, pixels);

  const outputs = branchNames(branches).map((branchName, i): Branch => {
    const branch: BranchSpec = source.signed === true ? { signed: "shift", ...branches[i]! } : branches[i]!;
    const { kind, tap = 0, fc } = branch;
    const map = backbone.taps[tap];
    if (map === undefined) throw new ModelError(`The backbone ${backbone.name} has no tap ${tap}.`);
    if (kind === "Vector" && (map.height !== 1 || map.width !== 1)) {
      throw new ModelError(
        `V stands for the vector that an imported network gives by itself, and ${backbone.name} gives a feature map. ` +
          "Leave V out.",
      );
    }
    const pooled = addDescriptor(graph, branch, taps[tap]!, map);
    const embedded = fc === undefined ? pooled : addFc(graph, pooled, map.channels, fc);
    addL2(graph, embedded, branchName);
    const dim = fc?.dim ?? map.channels;
    graph.output(branchName, "float32", ["N", dim]);
    const head = fc === undefined ? {} : { fc: { bias: fc.bias !== undefined } };
    return { name: branchName, kind, dim, tap, ...descriptorParameters(branch), ...head };
  });

  addCombined(graph, outputs);
  for (const { tap, output } of featureOutputs(outputs, backbone.taps)) {
    const { channels, height, width } = backbone.taps[tap]!;
    graph.op("Identity", [taps[tap]!], {}, output);
    graph.output(output, "float32", ["N", channels, height, width]);
  }

  const manifest: ModelManifest = {
    format: 1,
    name,
    backbone,
    descriptors: outputs,
    input: {
      width: inputSize,
      height: inputHeight,
      resize: "squash",
      background: [255, 255, 255],
      ...source.resizing,
    },
    weights: source.weights,
    training: null,
    ...textLink(outputs, tower),
  };
  return graph.encode(encodeManifest(manifest));
}

function textLink(branches: readonly Branch[], tower: string | undefined): Pick<ModelManifest, "text"> {
  const branch = branches.find(({ kind }) => kind === "Vector");
  return tower === undefined || branch === undefined ? {} : { text: { branch: branch.name, tower } };
}

/** The outputs that are feature maps, each with its tap: that of a Vector is none. */
export function featureOutputs(
  branches: readonly Pick<Branch, "kind" | "tap">[],
  taps: readonly unknown[],
): { readonly tap: number; readonly output: string }[] {
  const vectors = new Set(branches.filter(({ kind }) => kind === "Vector").map(({ tap }) => tap));
  const maps = [...taps.keys()].filter((tap) => !vectors.has(tap));
  return maps.map((tap) => ({ tap, output: maps.length === 1 ? "features" : `features_${tap}` }));
}

/** `spoc`, `mac`, `gem`; a second branch of a name gets a number, so that no two outputs share one. */
function branchNames(branches: readonly BranchSpec[]): string[] {
  const seen = new Map<string, number>();
  return branches.map(({ kind, name }) => {
    const base = name ?? kind.toLowerCase();
    const n = (seen.get(base) ?? 0) + 1;
    seen.set(base, n);
    return n === 1 ? base : `${base}_${n}`;
  });
}
