import type { AttentionKind } from "../../shared/index.ts";
import { type BackboneOptions, openBackbone } from "./backbones/index.ts";
import { type BranchSpec, buildModel } from "./buildModel.ts";
import { initialExponents, parseDescriptors } from "./descriptors/index.ts";
import { ModelError } from "./errors.ts";

export interface UntrainedModelOptions extends BackboneOptions {
  /** A name that `openBackbone` knows. */
  readonly backbone: string;
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
  const source = openBackbone(backboneName, options);
  const { channels } = source.backbone.taps[0]!;
  const branches = kinds.map(
    ({ kind }): BranchSpec => ({
      kind,
      ...(pPerChannel ? { p: initialExponents(channels, p) } : p === undefined ? {} : { p }),
      ...(attention === undefined ? {} : { attention }),
    }),
  );
  const name = options.name ?? `${backboneName}-${descriptors.replaceAll(/\s/g, "")}`.toLowerCase();
  return buildModel({ name, backbone: source, branches });
}
