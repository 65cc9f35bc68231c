import { ModelError } from "../errors.ts";
import type { BackboneSource } from "./backbone.ts";
import { mobilenetV2 } from "./mobilenetV2.ts";
import { type ResnetOptions, resnet } from "./resnet.ts";
import { RESNETS } from "./resnetLayout.ts";

/** Names that `openBackbone` knows. */
export const BACKBONES = ["mobilenetv2", ...RESNETS] as const;
export type BackboneName = (typeof BACKBONES)[number];

export interface BackboneOptions extends ResnetOptions {
  /** A safetensors file; needed by every backbone but `mobilenetv2`, whose weights arrive with an npm package. */
  readonly weights?: string;
}

/**
 * A backbone by its name.
 * @throws ModelError for an unknown name, weights that cannot be used or are of another network, and options that the
 *   backbone does not have
 */
export function openBackbone(name: string, { weights, ...options }: BackboneOptions = {}): BackboneSource {
  if (!isBackbone(name)) throw new ModelError(`There is no backbone ${name}; choose one of ${BACKBONES.join(", ")}.`);
  if (name === "mobilenetv2") {
    if (weights !== undefined) throw new ModelError("mobilenetv2 brings its weights along; leave the file away.");
    return onlyAsItIs(mobilenetV2(), options);
  }
  if (weights === undefined) {
    throw new ModelError(`${name} needs weights: name a .safetensors file, or download one first.`);
  }
  const source = resnet(weights, options);
  if (source.backbone.name !== name) throw new ModelError(`${weights} holds ${source.backbone.name}, not ${name}.`);
  return source;
}

function isBackbone(name: string): name is BackboneName {
  return (BACKBONES as readonly string[]).includes(name);
}

/** A backbone whose layers cannot be chosen. */
function onlyAsItIs(source: BackboneSource, options: ResnetOptions): BackboneSource {
  const { name, lastDownsampling, taps } = source.backbone;
  if ((options.lastDownsampling ?? lastDownsampling) !== lastDownsampling) {
    throw new ModelError(`The last downsampling of ${name} is ${lastDownsampling} and cannot be changed.`);
  }
  const names = taps.map((tap) => tap.name).join();
  if ((options.taps?.join() ?? names) !== names) throw new ModelError(`The only tap of ${name} is ${names}.`);
  if ((options.inputSize ?? source.inputSize) !== source.inputSize) {
    throw new ModelError(`The input of ${name} is ${source.inputSize} pixels wide.`);
  }
  return source;
}
