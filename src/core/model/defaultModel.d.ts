/** Name of the default model; its file is `<name>.onnx`. */
export declare const DEFAULT_MODEL_NAME = "mobilenetv2-smg";
/**
 * The model that the extension starts with: SPoC, MAC and GeM over the last feature map of MobileNetV2 1.4. Without
 * training data the honest head is none, so each embedding is the pooled vector itself (1792 values).
 */
export declare function buildDefaultModel(): Uint8Array;
