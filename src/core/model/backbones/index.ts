import { ModelError } from "../errors.ts";
import { readSafetensors } from "../safetensors.ts";
import type { BackboneSource } from "./backbone.ts";
import { mobilenetV2 } from "./mobilenetV2.ts";
import { plainNames } from "./plainNames.ts";
import { type ResnetOptions, resnet } from "./resnet.ts";
import { RESNETS } from "./resnetLayout.ts";
import { isVit, vit } from "./vit/index.ts";

export type { BackboneSource } from "./backbone.ts";
export { stagesOf } from "./stages.ts";

/** The names that `openBackbone` knows; `vit` is any vision transformer that is recognised by its tensors. */
export const BACKBONE_NAMES = ["mobilenetv2", ...RESNETS, "vit"] as const;
export type BackboneName = (typeof BACKBONE_NAMES)[number];

interface WeightsOptions extends ResnetOptions {
  /** Told in plain words what was done to find the network in the file. */
  readonly onNote?: (text: string) => void;
}

export interface BackboneOptions extends WeightsOptions {
  /** A safetensors file; needed by every backbone but `mobilenetv2`, whose weights arrive with an npm package. */
  readonly weights?: string;
}

/** By which name `openBackbone` opens a weights file. @throws ModelError where it holds none that is known */
export function backboneIn(file: string): string {
  const weights = plainNames(readSafetensors(file), file, isVit, () => {});
  return isVit(weights) ? "vit" : resnet(weights, file).backbone.name;
}

/** The backbone of a weights file, recognised by its tensors. @throws ModelError where it is none that is known */
export function openWeights(file: string, { onNote = () => {}, ...options }: WeightsOptions = {}): BackboneSource {
  const weights = plainNames(readSafetensors(file), file, isVit, onNote);
  if (!isVit(weights)) return resnet(weights, file, options);
  const { lastDownsampling, ...rest } = options;
  if (lastDownsampling !== "removed") return vit(weights, file, rest);
  throw new ModelError(`${file} holds a vision transformer, which has no last downsampling to remove. Leave that out.`);
}

/**
 * A backbone by its name, in any case.
 * @throws ModelError for an unknown name, weights that cannot be used or are of another network, and options that the
 *   backbone does not have
 */
export function openBackbone(name: string, { weights, ...options }: BackboneOptions = {}): BackboneSource {
  const known = BACKBONE_NAMES.find((candidate) => candidate === name.toLowerCase());
  if (known === undefined) {
    throw new ModelError(`There is no backbone "${name}". Known: ${BACKBONE_NAMES.join(", ")}.`);
  }
  if (known === "mobilenetv2") {
    if (weights !== undefined) throw new ModelError("mobilenetv2 brings its weights along; leave the file away.");
    const { inputSize, onNote: _, ...rest } = options;
    if (inputSize === undefined || inputSize === 224) return mobilenetV2(rest);
    throw new ModelError("The input of mobilenetv2 is 224 pixels wide.");
  }
  if (weights === undefined) {
    throw new ModelError(`${known} needs weights: name a .safetensors file, or download one first.`);
  }
  const source = openWeights(weights, options);
  if (known === "vit" && RESNETS.every((resnets) => resnets !== source.backbone.name)) return source;
  if (source.backbone.name !== known) throw new ModelError(`${weights} holds ${source.backbone.name}, not ${known}.`);
  return source;
}
