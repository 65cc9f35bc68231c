import { mobilenetV2 } from "./backbones/mobilenetV2.ts";
import { buildModel } from "./buildModel.ts";
import { parseDescriptors } from "./descriptors/index.ts";

/** Name of the default model; its file is `<name>.onnx`. */
export const DEFAULT_MODEL_NAME = "mobilenetv2-smg";

/**
 * The model that the extension starts with: SPoC, MAC and GeM over the last feature map of MobileNetV2 1.4. Without
 * training data the honest head is none, so each embedding is the pooled vector itself (1792 values).
 */
export function buildDefaultModel(): Uint8Array {
  return buildModel({ name: DEFAULT_MODEL_NAME, backbone: mobilenetV2(), branches: parseDescriptors("SMG") });
}
