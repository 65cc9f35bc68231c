import { mobilenetV2 } from "./backbones/mobilenetV2.ts";
import { buildModel } from "./buildModel.ts";

/** Name of the default model; its file is `<name>.onnx`. */
export const DEFAULT_MODEL_NAME = "mobilenetv2-smg";

/**
 * The model that the extension starts with: SPoC, MAC and GeM over MobileNetV2 1.4, each on the feature map where it
 * finds most (docs/models.md has the comparison). Without training data the honest head is none, so each embedding is
 * the pooled vector itself.
 */
export function buildDefaultModel(): Uint8Array {
  return buildModel({
    name: DEFAULT_MODEL_NAME,
    backbone: mobilenetV2({ taps: ["block_14_expand", "block_15_expand", "conv_1"] }),
    branches: [
      { kind: "SPoC", tap: 1 },
      { kind: "MAC", tap: 2 },
      { kind: "GeM", tap: 0 },
    ],
  });
}
