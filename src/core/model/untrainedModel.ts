import type { AttentionKind } from "../../shared/index.ts";
import { type BackboneOptions, openBackbone } from "./backbones/index.ts";
import { type BranchSpec, buildModel } from "./buildModel.ts";
import { initialExponents, parseDescriptors } from "./descriptors/index.ts";
import { ModelError } from "./errors.ts";

export interface UntrainedModelOptions extends BackboneOptions {
  /** A name that `openBackbone` knows. */
  readonly backbone: string;
  /** Names of feature maps: one for all descriptors or one for each; the backbone's last one where absent. */
  readonly taps?: readonly string[];
  /** As `parseDescriptors` reads it. */
  readonly descriptors: string;
  /** By default backbone and descriptors, such as `mobilenetv2-smg`. */
  readonly name?: string;
  /** Exponent of GeM and wGeM. */
  readonly p?: number;
  /** Whether each channel gets an exponent of its own to train, all starting at `p`. */
  readonly pPerChannel?: boolean;
  /** Before the pooling of every branch. */
  readonly attention?: AttentionKind;
}

/**
 * Builds a model on a backbone: no FC, and every part that is to be trained at its neutral start. The same options give
 * the same bytes.
 * @throws ModelError for names or parameters that cannot be
 */
export function buildUntrainedModel(options: UntrainedModelOptions): Uint8Array {
  const { backbone: backboneName, descriptors, p, pPerChannel = false, attention } = options;
  const kinds = parseDescriptors(descriptors);
  const powered = kinds.some(({ kind }) => kind === "GeM" || kind === "wGeM");
  if (!powered && (p !== undefined || pPerChannel)) {
    throw new ModelError(
      `p belongs to GeM and wGeM, and "${descriptors}" has neither. Leave p out or add one of them.`,
    );
  }
  const { taps = [] } = options;
  if (taps.length > 1 && taps.length !== kinds.length) {
    throw new ModelError(`${taps.length} taps for ${kinds.length} descriptors. Give one for all, or one for each.`);
  }
  // A vision transformer's own vector is a tap of its own, beside the one that the others pool.
  const vector = kinds.some(({ kind }) => kind === "Vector") && backboneName.toLowerCase() === "vit";
  const named =
    vector && taps.length <= 1 ? kinds.map(({ kind }) => (kind === "Vector" ? "vector" : (taps[0] ?? "tokens"))) : taps;
  const distinct = [...new Set(named)];
  const { taps: _, ...rest } = options;
  const source = openBackbone(backboneName, distinct.length === 0 ? rest : { ...rest, taps: distinct });
  const branches = kinds.map(({ kind }, i): BranchSpec => {
    const tap = named.length > 1 ? distinct.indexOf(named[i]!) : 0;
    const { channels } = source.backbone.taps[tap]!;
    if (kind === "Vector") return { kind, tap };
    return {
      kind,
      tap,
      ...(pPerChannel ? { p: initialExponents(channels, p) } : p === undefined ? {} : { p }),
      ...(attention === undefined ? {} : { attention }),
    };
  });
  const name = options.name ?? `${backboneName}-${descriptors.replaceAll(/\s/g, "")}`.toLowerCase();
  return buildModel({ name, backbone: source, branches });
}
