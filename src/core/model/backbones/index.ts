import { ModelError } from "../errors.ts";
import type { BackboneSource } from "./backbone.ts";
import { mobilenetV2 } from "./mobilenetV2.ts";

export type { BackboneSource } from "./backbone.ts";

export interface BackboneOptions {
  /** CGD removes the last downsampling, which asks for training; `kept` where absent. */
  readonly lastDownsampling?: "kept" | "removed";
}

type Open = (options: BackboneOptions) => BackboneSource;

/** Every backbone that a model can be built on, by the name that a user writes. */
const BACKBONES: ReadonlyMap<string, Open> = new Map<string, Open>([
  [
    "mobilenetv2",
    ({ lastDownsampling }) => {
      if (lastDownsampling === "removed") {
        throw new ModelError("mobilenetv2 comes with its last downsampling only. Build it without removing that.");
      }
      return mobilenetV2();
    },
  ],
]);

/** The names that `openBackbone` knows. */
export const BACKBONE_NAMES: readonly string[] = [...BACKBONES.keys()];

/**
 * Opens a backbone with its weights.
 * @throws ModelError for an unknown name, for options that it does not have, or where its weights are missing
 */
export function openBackbone(name: string, options: BackboneOptions = {}): BackboneSource {
  const open = BACKBONES.get(name.toLowerCase());
  if (open === undefined) {
    throw new ModelError(`There is no backbone "${name}". Known: ${BACKBONE_NAMES.join(", ")}.`);
  }
  return open(options);
}
