export { type BranchSpec, branchesFromLetters, buildModel, type ModelSpec } from "./buildModel.ts";
export { buildDefaultModel, DEFAULT_MODEL_NAME } from "./defaultModel.ts";
export { ModelError } from "./errors.ts";
export { encodeManifest, fingerprint, readManifest } from "./manifest.ts";
export { GraphBuilder } from "./onnx/index.ts";
export { compactModel, toFloat16, toPalette } from "./storage/index.ts";
