import type { DescriptorKind } from "../../shared/index.ts";
import { mobilenetV2 } from "./backbones/mobilenetV2.ts";
import { ssdMobilenetV2 } from "./backbones/ssdMobilenetV2.ts";
import { buildModel } from "./buildModel.ts";
import type { DescriptorSpec } from "./descriptors/index.ts";

/** Name of the default model; its file is `<name>.onnx`. */
export const DEFAULT_MODEL_NAME = "mobilenetv2-smg";

/**
 * The model that the extension starts with: SPoC, MAC and GeM over MobileNetV2 1.4, each on the feature map where it
 * finds most (docs/models.md has the comparison). Without training data the honest head is none, so each embedding is
 * the pooled vector itself.
 */
export function buildDefaultModel(): Uint8Array {
  return buildDefaultWith([{ kind: "SPoC" }, { kind: "MAC" }, { kind: "GeM" }]);
}

/** The feature map on which each kind finds most; the one of the others is SPoC's. */
const TAPS = ["block_14_expand", "block_15_expand", "conv_1"];
const TAP_OF: Partial<Record<DescriptorKind, number>> = { SPoC: 1, MAC: 2, GeM: 0 };

/** The default model with other descriptors, each on the feature map that suits it. */
export function buildDefaultWith(specs: readonly DescriptorSpec[]): Uint8Array {
  const tapOf = ({ kind }: DescriptorSpec) => TAP_OF[kind] ?? 1;
  const used = TAPS.filter((_, tap) => specs.some((spec) => tapOf(spec) === tap));
  return buildModel({
    name: DEFAULT_MODEL_NAME,
    backbone: mobilenetV2({ taps: used }),
    branches: specs.map((spec) => ({ ...spec, tap: used.indexOf(TAPS[tapOf(spec)]!) })),
  });
}

/** Name of the second network that the default may be joined by; its file lies beside the default's. */
export const SECOND_MODEL_NAME = "ssd-mobilenetv2-gg";

/**
 * Two branches of a network that was trained to detect things: GeM on the two feature maps on which it finds most. It finds more
 * among photographs of things, and less where colour and texture tell kinds apart, so it is never used unasked (docs/models.md).
 */
export function buildSecondModel(): Uint8Array {
  return buildModel({
    name: SECOND_MODEL_NAME,
    backbone: ssdMobilenetV2(),
    branches: [
      { kind: "GeM", tap: 0 },
      { kind: "GeM", tap: 1 },
    ],
  });
}
