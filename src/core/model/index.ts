export { appendHeads, type Head } from "./appendHeads.ts";
export {
  BACKBONE_NAMES,
  type BackboneOptions,
  type BackboneSource,
  openBackbone,
  openWeights,
} from "./backbones/index.ts";
export { type BranchSpec, buildModel, type ModelSpec } from "./buildModel.ts";
export { buildDefaultModel, DEFAULT_MODEL_NAME } from "./defaultModel.ts";
export {
  type Attention,
  initialAttention,
  initialExponents,
  initialSpatialWeights,
  parseDescriptors,
  regionGrids,
} from "./descriptors/index.ts";
export { ModelError } from "./errors.ts";
export { encodeManifest, fingerprint, readManifest } from "./manifest.ts";
export { type ModelFile, readModelFile, writeModelFile } from "./modelFile.ts";
export { GraphBuilder } from "./onnx/index.ts";
export { compactModel, toFloat16, toPalette } from "./storage/index.ts";
export { buildUntrainedModel, type UntrainedModelOptions } from "./untrainedModel.ts";
